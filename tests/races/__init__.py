"""Many writers at once, and servers that die, on a real socket."""
