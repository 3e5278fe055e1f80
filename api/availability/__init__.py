"""When somebody and somewhere is free: calendars as intervals, computed and never stored."""
