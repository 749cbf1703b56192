"""How the common containers are read: lines, JSON arrays, XML rows, archives. No platform."""
