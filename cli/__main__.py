"""`python -m whalecurve.cli`."""

from whalecurve.cli.main import main

if __name__ == "__main__":
    main()
