"""The same work as a deployed base, with the Docker SDK and nothing else."""

import io
import json
import secrets
import tarfile
import time
import uuid

from passlib.hash import pbkdf2_sha512

from .api import Failed
from .visitor import status_of, wait_answer
from .world import DOMAIN, PREFIX

PROXY = f"{PREFIX}-floor-proxy"
FOLDER = "/srv/floor"
PROOF = "floor.clouder.invalid"
MAIN = f"""\
daemon off;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events {{}}
http {{
    access_log off;
    map_hash_bucket_size 256;
    map_hash_max_size 262144;
    client_body_temp_path /tmp/body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;
    resolver 127.0.0.11 ipv6=off;
    include {FOLDER}/map.conf;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Host $host;
    server {{
        listen 8080 default_server;
        if ($backend = "") {{ return 404; }}
        location / {{ proxy_pass http://$backend; }}
    }}
}}
"""


def put(container, files):
    """Put small files into a container by one archive (dict of path to text)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, text in files.items():
            data = text.encode()
            entry = tarfile.TarInfo(path.lstrip("/"))
            entry.size, entry.mode = len(data), 0o444
            archive.addfile(entry, io.BytesIO(data))
    container.put_archive("/", buffer.getvalue())


def execute(container, argv, **options):
    """Run a command in a container.

    :raise Failed: it did not succeed
    """
    status, output = container.exec_run(argv, **options)
    if status:
        raise Failed(f"{argv[0]}: {output.decode()}")
    return output.decode()


class Floor:
    """A person with the SDK: his own nginx, the same PostgreSQL and the same Odoo."""

    def __init__(self, world):
        self.world = world
        self.postgres = world.container("postgres")
        self.odoo = world.container("odoo")
        self.hosts = {}
        self.generation = 0
        self.proxy = self._start_proxy()
        self.template, self.owner = self._template()

    def _start_proxy(self):
        for old in self.world.engine.containers.list(all=True, filters={"name": PROXY}):
            old.remove(force=True)
        proxy = self.world.engine.containers.create(
            self.world.container("proxy").image.id,
            ["nginx", "-c", f"{FOLDER}/nginx.conf"],
            name=PROXY,
            user="root",
            network=next(iter(self.odoo.attrs["NetworkSettings"]["Networks"])),
        )
        put(proxy, {f"{FOLDER}/nginx.conf": MAIN, f"{FOLDER}/map.conf": self._map()})
        proxy.start()
        proxy.reload()
        networks = proxy.attrs["NetworkSettings"]["Networks"]
        self.address = next(iter(networks.values()))["IPAddress"]
        wait_answer(PROOF, 200, 8080, self.address)
        return proxy

    def _map(self):
        lines = [f"    {host} {backend};" for host, backend in self.hosts.items()]
        proof = json.dumps(self.generation)
        return "\n".join(
            [
                "map $host $backend {",
                '    default "";',
                *lines,
                "}",
                "server {",
                "    listen 8080;",
                f"    server_name {PROOF};",
                f"    return 200 '{proof}';",
                "}",
            ]
        )

    def _template(self):
        query = (
            "SELECT datname, pg_get_userbyid(datdba) FROM pg_database "
            "WHERE datname LIKE 'tpl\\_%' AND datname NOT LIKE '%making'"
        )
        return self._psql("postgres", query, flags=["-At"]).split("\n")[0].split("|")

    def _psql(self, database, *statements, flags=()):
        words = [word for text in statements for word in ("-c", text)]
        argv = ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", *flags, "-d", database, *words]
        return execute(self.postgres, argv, user="postgres")

    def base(self):
        """Make one base.

        :return: its host, and the moment at which each step ended (dict)
        """
        host, moments = f"f{secrets.token_hex(4)}.{DOMAIN}", {}
        for step in (self._database, self._files, self._route, self._answer):
            step(host)
            moments[step.__name__.strip("_")] = time.monotonic()
        return host, moments

    def _database(self, host):
        password = pbkdf2_sha512.using(rounds=10_000).hash(secrets.token_urlsafe(24))
        parameter = "UPDATE ir_config_parameter SET value = '{}' WHERE key = '{}'"
        self._psql(
            "postgres",
            f'CREATE DATABASE "{host}" OWNER "{self.owner}" TEMPLATE "{self.template}"',
            f'REVOKE CONNECT ON DATABASE "{host}" FROM PUBLIC',
            f'\\connect "{host}"',
            parameter.format(uuid.uuid4(), "database.uuid"),
            parameter.format(uuid.uuid4(), "database.secret"),
            parameter.format(f"http://{host}", "web.base.url"),
            "UPDATE res_company SET name = 'A measured base' WHERE id = 1",
            "UPDATE res_partner SET name = 'A measured base' WHERE id = 1",
            f"UPDATE res_users SET login = 'admin', password = '{password}' WHERE id = 2",
        )

    def _files(self, host):
        store = "/var/lib/odoo/filestore"
        argv = ["cp", "-al", f"{store}/{self.template}", f"{store}/{host}"]
        execute(self.odoo, argv)

    def _route(self, host):
        """Change the map, reload, and see that it is served."""
        self.hosts[host] = f"{self.odoo.name}:8069"
        self.generation += 1
        put(self.proxy, {f"{FOLDER}/map.conf": self._map()})
        self.proxy.kill("HUP")
        wait_answer(PROOF, 200, 8080, self.address, json.dumps(self.generation))

    def _answer(self, host):
        wait_answer(host, 200, 8080, self.address, path="/web/login")

    def drop(self, host):
        """Remove a base again."""
        self._psql("postgres", f'DROP DATABASE "{host}" WITH (FORCE)')
        execute(self.odoo, ["rm", "-r", f"/var/lib/odoo/filestore/{host}"])
        self.hosts.pop(host)

    def close(self):
        """Remove all that was made."""
        for host in list(self.hosts):
            self.drop(host)
        self.proxy.remove(force=True)

    def answers(self, host):
        """Return the status of the login page of ``host``."""
        return status_of(host, 8080, self.address, "/web/login")[0]
