package api

import (
	"bytes"
	"net/http"

	"accord/gateway"
	"accord/internal/fault"
	"accord/ledger"
)

// settled counts what became of one signed input: its signature, and the entry
// it made.
func (s *Server) settled(acc gateway.Accepted, err error) {
	if err == nil {
		s.metrics.Verified("")
		if !acc.Replay {
			s.metrics.Appended(kindOf(acc.Receipt))
		}
		return
	}
	// A signature that could be read and was not good answers 422; what answers
	// 400 was not verified at all.
	code := fault.CodeOf(err)
	if len(code) > 4 && code[:4] == "jws." && fault.Lookup(code).Status == http.StatusUnprocessableEntity {
		s.metrics.Verified(string(code))
	}
}

// kinds are the values of the label that kindOf gives.
var kinds = []ledger.Kind{
	ledger.KindAttestation, ledger.KindStatus, ledger.KindRegistry, ledger.KindDecision, ledger.KindMark, ledger.KindAck,
}

// kindOf returns the kind of the entry a receipt of ours is about. The receipt
// is in RFC 8785 form with the record inside, and what else it holds are
// strings, in which a quote is escaped: the first "kind" member is the
// record's.
func kindOf(receipt []byte) string {
	_, rest, ok := bytes.Cut(receipt, []byte(`"kind":"`))
	if ok {
		for _, k := range kinds {
			if len(rest) > len(k) && string(rest[:len(k)]) == string(k) && rest[len(k)] == '"' {
				return string(k)
			}
		}
	}
	return "other"
}
