"""How long the work of a job may take."""

# The longest that one command is waited for: it installs modules, or dumps a database.
COMMAND_S = 3600
# How long a step waits for the locks of other jobs.
LOCK_S = 1800
# What one step may take: it waits for its locks, and its longest hook dumps a database
# and restores the copy. The rest is for what is short.
STEP_S = LOCK_S + 2 * COMMAND_S + 1800
