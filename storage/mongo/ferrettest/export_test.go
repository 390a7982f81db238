package ferrettest

// Build is build, for sources and a cache of the test's own.
var Build = build

// CacheDir is cacheDir.
var CacheDir = cacheDir

// PID returns the number of the running process.
func (s *Server) PID() int { return s.process.Process.Pid }
