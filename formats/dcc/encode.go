package dcc

import (
	"strings"

	"accord/attestation"
	"accord/formats/carry"
	"accord/formats/dialect"
	"accord/internal/fault"
)

func isOurs(format string) bool {
	version, ok := strings.CutPrefix(format, Name+"-")
	return ok && versions.MatchString(version)
}

// encode gives a certificate back that came as a DCC, and writes another one as
// far as the dialect has words for it. What of the document does not come back
// when the result is read is a loss.
func encode(s *attestation.Submission, o dialect.Options) ([]byte, []dialect.Loss, error) {
	l := dialect.Losses{Source: "native+json", Target: Name}
	var out []byte
	var err error
	if frame := carry.Frame(s, isOurs); frame >= 0 {
		out, err = carry.Restore(s, frame, o)
	} else if s.Kind != attestation.CalibrationCertificate {
		err = fault.New(fault.HTTPNotAcceptable, "only a calibration certificate can be written as a DCC")
	} else {
		out = compose(s)
	}
	if err != nil {
		return nil, nil, err
	}
	back, _, _, err := decode(out)
	if err != nil {
		return nil, nil, err
	}
	if err := carry.Difference(&l, s, back); err != nil {
		return nil, nil, err
	}
	return out, l.List, nil
}
