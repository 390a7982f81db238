package gateway

import "accord/storage"

// Lag returns how far the views of the archive are behind its log.
func (g *Gateway) Lag() storage.Lag { return g.archive.Lag() }
