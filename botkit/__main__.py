"""`python -m botkit` is the command `botkit`."""

from botkit.cli.main import main

if __name__ == "__main__":
    main()
