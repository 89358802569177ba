-- What a base sends must say that it comes from the base's own domain, and be signed.

local function refuse(task, text)
  task:set_pre_result('reject', text, 'clouder')
end

local function own_domain(task)
  return string.match(string.lower(task:get_user() or ''), '^[^@]+@([a-z0-9.-]+)$')
end

rspamd_config:register_symbol({
  name = 'CLOUDER_SENDER',
  type = 'prefilter',
  priority = 10,
  callback = function(task)
    local domain = own_domain(task)
    if not domain then
      return refuse(task, 'Log in first')
    end
    local headers = task:get_header_full('From') or {}
    local senders = task:get_from('mime') or {}
    if #headers ~= 1 or #senders ~= 1 then
      return refuse(task, 'The message needs one From header with one address')
    end
    if string.lower(senders[1].domain or '') ~= domain then
      return refuse(task, 'The From header must name an address of ' .. domain)
    end
  end,
})

-- Without its key a message waits at its sender; it does not go out unsigned.
rspamd_config:register_symbol({
  name = 'CLOUDER_SIGNED',
  type = 'postfilter',
  priority = 10,
  callback = function(task)
    if not task:has_pre_result() and not task:has_symbol('DKIM_SIGNED') then
      task:set_pre_result('soft reject', 'The message could not be signed, try again later', 'clouder')
    end
  end,
})
