package signing

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"accord/internal/fault"
	"accord/internal/strictjson"
)

// Limits of reading (signing.md, rule 1). Eight signatures are more than any
// agreement asks for; a header of 64 KiB holds the longest chain we accept.
const (
	MaxHeader     = 64 << 10
	MaxSignatures = 8
	maxDepth      = 16
	maxMembers    = 1000
)

// header is a protected header that obeys the rules that hold for every
// endpoint. It is immutable and shared between messages.
type header struct {
	alg      Alg
	kid      string
	typ, cty string // lower case, without "application/"
	hasTyp   bool
	hasCty   bool
	iat      time.Time
	b64      bool   // false: the payload is signed as it is (RFC 7797)
	chain    *chain // nil without x5c
	names    []string
}

// member is one member of a header object: a string by its value, anything else
// as it is written.
type member struct {
	name string
	kind strictjson.Kind
	text string
}

type members []member

func (ms members) get(name string) (member, bool) {
	for _, m := range ms {
		if m.name == name {
			return m, true
		}
	}
	return member{}, false
}

// knownMembers are the header members whose other spellings are refused: a
// reader that folds case would see them as the real ones.
var knownMembers = []string{
	"alg", "b64", "crit", "cty", "iat", "jku", "jwk", "kid", "typ", "x5c", "x5t", "x5t#S256", "x5u",
}

// jadesMembers belong to JAdES (ETSI TS 119 182-1, section 5). Whoever sends
// them expects them to be obeyed; until that is built they are refused.
var jadesMembers = []string{
	"adoTst", "etsiU", "sigD", "sigPId", "sigPl", "sigT", "sigX5ts", "srAts", "srCms", "x5t#o",
}

// parseHeader reads the base64url text of a protected header. The first rule
// looked at is alg, before anything that costs.
func parseHeader(text []byte, chains *cache[string, *chain]) (*header, error) {
	if strictURL.DecodedLen(len(text)) > MaxHeader {
		return nil, fault.Newf(fault.JWSHeaderInvalid, "the protected header is longer than %d octets", MaxHeader)
	}
	src, err := decode64(text, "protected header")
	if err != nil {
		return nil, err
	}
	ms, err := readMembers(src)
	if err != nil {
		return nil, err
	}
	h := &header{b64: true}
	for _, rule := range []func(members) error{h.readAlg, h.readCrit, h.readB64, h.readStrings, h.readIAT, refuseVariants} {
		if err := rule(ms); err != nil {
			return nil, err
		}
	}
	if h.chain, err = readChain(ms, chains); err != nil {
		return nil, err
	}
	h.names = make([]string, len(ms))
	for i, m := range ms {
		h.names[i] = m.name
	}
	return h, nil
}

func readMembers(src []byte) (members, error) {
	r := strictjson.NewReader(src, strictjson.Limits{Depth: maxDepth, Members: maxMembers, Bytes: MaxHeader})
	if r.Kind() != strictjson.Object {
		if err := r.Finish(); err != nil {
			return nil, headerFault(err)
		}
		return nil, fault.New(fault.JWSHeaderInvalid, "the protected header is not a JSON object")
	}
	ms := make(members, 0, 8)
	r.Open()
	for r.More() {
		m := member{name: r.Name(), kind: r.Kind()}
		if m.kind == strictjson.String {
			m.text = r.String()
		} else {
			m.text = r.Raw()
		}
		ms = append(ms, m)
	}
	r.Close()
	if err := r.Finish(); err != nil {
		return nil, headerFault(err)
	}
	return ms, nil
}

// headerFault gives a fault of the JSON reader the code of the header.
func headerFault(err error) error {
	if fault.CodeOf(err) == fault.JSONDuplicateMember {
		return fault.Wrap(err, fault.JWSDuplicateHeader, "a header member is given twice")
	}
	return fault.Wrap(err, fault.JWSHeaderInvalid, "the protected header is not strict JSON")
}

func (h *header) readAlg(ms members) error {
	m, ok := ms.get("alg")
	if !ok || m.kind != strictjson.String {
		return fault.New(fault.JWSAlgNotAllowed, "alg is missing or not a string")
	}
	if h.alg, ok = parseAlg(m.text, true); !ok {
		return fault.New(fault.JWSAlgNotAllowed, "alg is not one of EdDSA, ES256, ES384, PS256, or RS256 where opted in")
	}
	return nil
}

// readCrit obeys RFC 7515, section 4.1.11: a non-empty list of unique names of
// members that are present, none of them of the RFCs themselves, all of them
// understood. Only b64 is.
func (h *header) readCrit(ms members) error {
	for _, name := range jadesMembers {
		if _, ok := ms.get(name); ok {
			return fault.New(fault.JWSCritUnsupported, name+" belongs to JAdES, which is not supported")
		}
	}
	crit, ok := ms.get("crit")
	if !ok {
		return nil
	}
	names, ok := stringList(crit)
	if !ok || len(names) == 0 {
		return fault.New(fault.JWSCritUnsupported, "crit must be a non-empty list of names")
	}
	for i, name := range names {
		if name != "b64" {
			return fault.New(fault.JWSCritUnsupported, "crit names an extension that is not understood; only b64 is")
		}
		if slices.Contains(names[:i], name) {
			return fault.New(fault.JWSCritUnsupported, "crit names b64 twice")
		}
	}
	if _, ok := ms.get("b64"); !ok {
		return fault.New(fault.JWSCritUnsupported, "crit names b64, which is not in the header")
	}
	return nil
}

// readB64 obeys RFC 7797, sections 3, 6 and 7.
func (h *header) readB64(ms members) error {
	m, ok := ms.get("b64")
	if !ok {
		return nil
	}
	if m.kind != strictjson.True && m.kind != strictjson.False {
		return fault.New(fault.JWSB64Unsupported, "b64 must be true or false")
	}
	if _, ok := ms.get("crit"); !ok {
		return fault.New(fault.JWSB64Unsupported, "b64 must be named in crit")
	}
	h.b64 = m.kind == strictjson.True
	return nil
}

func (h *header) readStrings(ms members) error {
	var err error
	if h.typ, h.hasTyp, err = mediaMember(ms, "typ"); err != nil {
		return err
	}
	if h.cty, h.hasCty, err = mediaMember(ms, "cty"); err != nil {
		return err
	}
	// RFC 7797, section 7: b64 is not for JWTs.
	if !h.b64 && (h.typ == "jwt" || strings.HasSuffix(h.typ, "+jwt")) {
		return fault.New(fault.JWSB64Unsupported, "b64:false is not allowed in a JWT")
	}
	if kid, ok := ms.get("kid"); ok {
		if kid.kind != strictjson.String || kid.text == "" {
			return fault.New(fault.JWSKidMissing, "kid must be a non-empty string")
		}
		h.kid = kid.text
	}
	return nil
}

// mediaMember reads typ or cty in the form in which they are compared (RFC
// 7515, sections 4.1.9 and 4.1.10).
func mediaMember(ms members, name string) (string, bool, error) {
	m, ok := ms.get(name)
	if !ok {
		return "", false, nil
	}
	if m.kind != strictjson.String || m.text == "" {
		return "", false, fault.New(fault.JWSTypMismatch, name+" must be a non-empty string")
	}
	return mediaName(m.text), true, nil
}

func mediaName(s string) string {
	s = strings.ToLower(s)
	if rest, ok := strings.CutPrefix(s, "application/"); ok && !strings.Contains(rest, "/") {
		return rest
	}
	return s
}

// maxIAT is the last second of the year 9999, the end of RFC 3339.
const maxIAT = 253402300799

func (h *header) readIAT(ms members) error {
	m, ok := ms.get("iat")
	if !ok {
		return nil
	}
	seconds, err := strconv.ParseFloat(m.text, 64)
	if m.kind != strictjson.Number || err != nil || seconds < 0 || seconds > maxIAT {
		return fault.New(fault.JWSHeaderInvalid, "iat must be a number of seconds since 1970 (RFC 7519, section 2)")
	}
	// A signature is not older for a fraction of a second.
	h.iat = time.Unix(int64(seconds), 0).UTC()
	return nil
}

func refuseVariants(ms members) error {
	for _, m := range ms {
		if isVariant(m.name, knownMembers) || isVariant(m.name, jadesMembers) {
			return fault.New(fault.JWSHeaderInvalid, "a header member differs from a known one only in letter case")
		}
	}
	return nil
}

// isVariant says whether name differs from one of known only by letter case.
func isVariant(name string, known []string) bool {
	if slices.Contains(known, name) {
		return false
	}
	return slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
}

// stringList reads a member that must be a list of strings.
func stringList(m member) ([]string, bool) {
	if m.kind != strictjson.Array {
		return nil, false
	}
	r := strictjson.NewReader(octets(m.text), strictjson.Limits{Members: maxMembers})
	var out []string
	r.Open()
	for r.More() {
		if r.Kind() != strictjson.String {
			return nil, false
		}
		out = append(out, r.String())
	}
	r.Close()
	return out, r.Finish() == nil
}
