package ledger

import (
	"encoding/base64"
	"strconv"
	"strings"

	"accord/internal/fault"
)

// proofHeader is the first line of a proof.
const proofHeader = "c2sp.org/tlog-proof@v1"

// maxProof bounds the text of a proof: 63 hashes of 45 octets, a checkpoint,
// and room for extra data.
const maxProof = 128 << 10

// Proof is an inclusion proof that can be checked offline: index, siblings from
// the leaf up, and the signed checkpoint verbatim (C2SP tlog-proof).
type Proof struct {
	Index      uint64
	Hashes     []Hash
	Checkpoint []byte // signed note
	Extra      []byte // opaque and not authenticated; we write none
}

// Append appends the text of the proof.
func (p *Proof) Append(dst []byte) []byte {
	dst = append(dst, proofHeader+"\n"...)
	if len(p.Extra) > 0 {
		dst = append(dst, "extra "...)
		dst = base64.StdEncoding.AppendEncode(dst, p.Extra)
		dst = append(dst, '\n')
	}
	dst = append(dst, "index "...)
	dst = strconv.AppendUint(dst, p.Index, 10)
	dst = append(dst, '\n')
	for i := range p.Hashes {
		dst = base64.StdEncoding.AppendEncode(dst, p.Hashes[i][:])
		dst = append(dst, '\n')
	}
	dst = append(dst, '\n')
	return append(dst, p.Checkpoint...)
}

// String returns the text of the proof.
func (p *Proof) String() string { return string(p.Append(nil)) }

// ParseProof reads the text of a proof; only the form that Append writes is
// accepted. Nothing is verified.
func ParseProof(text string) (*Proof, error) {
	malformed := fault.New(fault.LedgerProofInvalid, "malformed proof (c2sp.org/tlog-proof@v1)")
	head, checkpoint, ok := strings.Cut(text, "\n\n")
	if !ok || checkpoint == "" || len(text) > maxProof {
		return nil, malformed
	}
	lines := strings.Split(head, "\n")
	if lines[0] != proofHeader {
		return nil, malformed
	}
	lines = lines[1:]
	p := &Proof{Checkpoint: []byte(checkpoint)}
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		extra := strings.TrimPrefix(lines[0], "extra ")
		b, err := base64.StdEncoding.Strict().DecodeString(extra)
		// Go's decoder skips CR; the length tells.
		if err != nil || len(b) == 0 || base64.StdEncoding.EncodedLen(len(b)) != len(extra) {
			return nil, malformed
		}
		p.Extra, lines = b, lines[1:]
	}
	if len(lines) == 0 {
		return nil, malformed
	}
	index, ok := strings.CutPrefix(lines[0], "index ")
	n, err := parseDecimal(index)
	if !ok || err != nil || n >= maxSize || len(lines) > 64 {
		return nil, malformed
	}
	p.Index = n
	for _, line := range lines[1:] {
		h, err := parseHash(line)
		if err != nil {
			return nil, malformed
		}
		p.Hashes = append(p.Hashes, h)
	}
	return p, nil
}

// Verify checks the proof for a leaf hash against the keys of the log and
// returns the checkpoint that it leads to.
func (p *Proof) Verify(keys *VKeys, leaf Hash) (Checkpoint, error) {
	c, err := keys.Open(p.Checkpoint)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, CheckInclusion(c.Head, p.Index, leaf, p.Hashes)
}
