"""The `./dev` command: standard library only, so that bare Debian can run it."""
