"""panregion: a serverless AWS application, active-active in several real regions, on one machine."""

__version__ = "0.1.0"
