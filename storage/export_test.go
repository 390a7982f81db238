package storage

// Forgery is what somebody makes good who changes an entry in the log: every
// checksum in any case; the digest of the details; and, who has the key of the
// log, the keyed hashes.
type Forgery struct {
	Digest bool
	Key    *Archive // whose key is known; nil: unknown
}

// Remake gives an entry the kept form of its values as they are now.
func (f Forgery) Remake(e *Entry) {
	e.details = string(appendDetails(nil, e.seed, e))
	digest := e.traces.details
	if f.Digest {
		digest = detailsDigest(e.details)
	}
	if rec, err := e.Parsed(); f.Key != nil && err == nil {
		e.traces = f.Key.tracer.all(e.Key, rec.Content, rec.Digest)
	}
	e.traces.details = digest
	e.outline = string(appendOutline(nil, e.Kind, e.Fields.Seq, &e.traces, e.Audience))
}

// ChangeSeed changes what no question shows.
func ChangeSeed(e *Entry) { e.seed[3] ^= 1 }

// ChangeTrace changes what no question shows.
func ChangeTrace(e *Entry) { e.traces.content[3] ^= 1 }
