"""`python -m whalecurve.cli`."""

from whalecurve.cli.main import app

if __name__ == "__main__":
    app(prog_name="whalecurve")
