package evidence

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/signing"
)

// Report says what a gateway, or this program offline, found about a document
// or a number (wire.md). It repeats digests and codes, never text of an upload.
type Report struct {
	Ver        int                   `json:"ver"`
	Iss        string                `json:"iss,omitempty"` // absent offline
	JTI        string                `json:"jti,omitempty"`
	Found      bool                  `json:"found"`
	Subject    ReportSubject         `json:"subject"`
	At         string                `json:"at"`                // T, the time asked for
	KnownAt    uint64                `json:"knownAt,omitempty"` // ledger size; absent offline
	Model      *ModelReport          `json:"model,omitempty"`
	Signature  *SignatureReport      `json:"signature,omitempty"`
	Content    *ContentReport        `json:"content,omitempty"`
	Status     *StatusReport         `json:"status,omitempty"`
	Result     signing.Result        `json:"result"`
	Findings   []attestation.Finding `json:"findings"`
	Policy     Policy                `json:"policy"`
	Decision   json.RawMessage       `json:"decision,omitempty"`
	Checkpoint string                `json:"checkpoint,omitempty"` // signed note
	Nonce      string                `json:"nonce,omitempty"`      // of who asked
}

// ReportSubject names what the report is about: an upload by the digest of its
// octets, or a number as it was asked for.
type ReportSubject struct {
	Digest    attestation.Digest `json:"digest,omitempty"`
	MediaType string             `json:"mediaType,omitempty"`
	Number    string             `json:"number,omitempty"`
	Issuer    string             `json:"issuer,omitempty"`
}

// ModelReport says whether the model that was asked for is one of the
// document's: indeterminate when its list is not complete.
type ModelReport struct {
	Model  string         `json:"model"`
	Result signing.Result `json:"result"`
}

// SignatureReport is the answer about the signature and the evidence used.
type SignatureReport struct {
	Result        signing.Result        `json:"result"`
	SubIndication string                `json:"subIndication,omitempty"`
	Alg           string                `json:"alg,omitempty"`
	KID           string                `json:"kid,omitempty"`
	Signer        attestation.PartnerID `json:"signer,omitempty"`
	TClaim        string                `json:"tClaim,omitempty"`
	TProof        string                `json:"tProof,omitempty"`
	Chain         []string              `json:"chain"`
	Revocation    []string              `json:"revocation"`
}

// ContentReport is the answer about the content.
type ContentReport struct {
	Result signing.Result `json:"result"`
}

// StatusReport is the status at a time, and the ledger index of the last entry
// that was taken into account; absent where only the document itself was known.
type StatusReport struct {
	Effective attestation.Status `json:"effective"`
	At        string             `json:"at"`
	LastIndex *uint64            `json:"lastIndex,omitempty"`
}

// Policy names the rules by which the report was made.
type Policy struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// CurrentPolicy is the policy of this program: the rules of its documentation.
func CurrentPolicy() Policy { return Policy{ID: "urn:accord:policy:verification", Version: "1"} }

// NewReport returns a report without findings about a subject at a time.
func NewReport(subject ReportSubject, at time.Time) *Report {
	return &Report{
		Ver: Version, Found: true, Subject: subject, At: instant(at),
		Findings: []attestation.Finding{}, Policy: CurrentPolicy(),
	}
}

// NotFound returns the report on a number that is unknown or hidden: the same
// text for both.
func NotFound(number, issuer string, at time.Time) *Report {
	r := NewReport(ReportSubject{Number: number, Issuer: issuer}, at)
	r.Found = false
	r.AddFault(fault.New(fault.ResourceNotFound, ""))
	r.Settle()
	return r
}

// SetSignature puts the answer of the verifier and its faults in.
func (r *Report) SetSignature(v signing.Verification) {
	r.Signature = &SignatureReport{
		Result: v.Result, SubIndication: v.SubIndication, Alg: string(v.Alg), KID: v.KID, Signer: v.Signer,
		TClaim: instant(v.TClaim), TProof: instant(v.TProof),
		Chain: append([]string{}, v.Chain...), Revocation: append([]string{}, v.Revocation...),
	}
	if v.Result != signing.Passed {
		r.AddFault(v.Err)
	}
}

// SetContent puts the findings about the content in; any error fails it.
func (r *Report) SetContent(findings []attestation.Finding) {
	r.Content = &ContentReport{Result: signing.Passed}
	for _, f := range findings {
		if f.Severity != attestation.SeverityWarning {
			r.Content.Result = signing.Failed
		}
		r.Findings = append(r.Findings, quiet(f))
	}
}

// AddFault adds every fault of err as a finding of severity error; the results
// are set by whoever knows what the fault is about. nil adds nothing.
func (r *Report) AddFault(err error) {
	for _, f := range Findings(err) {
		r.Findings = append(r.Findings, quiet(f))
	}
}

// Findings turns faults into findings of severity error.
func Findings(err error) []attestation.Finding {
	var out []attestation.Finding
	for _, e := range fault.All(err) {
		out = append(out, attestation.Finding{Code: e.Code, At: e.At, Detail: e.Detail, Severity: attestation.SeverityError})
	}
	return out
}

// quiet takes out of a finding what might repeat text of the upload: the
// detail becomes the code's meaning, and of a place only what the schema names
// remains. Else a public verifier could be made to say, signed, what a stranger
// wrote.
func quiet(f attestation.Finding) attestation.Finding {
	f.Detail = meaning(f.Code)
	family, _, _ := strings.Cut(string(f.Code), ".")
	switch {
	case family == "json" || family == "xml":
		f.At = "" // found before any name was known to be ours
	case f.Code == fault.SchemaUnknownField:
		f.At = f.At[:max(strings.LastIndexByte(f.At, '/'), 0)]
	}
	return f
}

// meaning returns the fixed sentence for the code of a finding.
func meaning(code fault.Code) string {
	switch code {
	case fault.WarnNoRecipient:
		return "no agreement lets another partner see this document"
	case fault.WarnPersonalData:
		return "the document may name a natural person"
	case fault.WarnCCCNumber:
		return "the number does not agree with the catalogue or the body codes"
	case fault.WarnDateZone:
		return "a date without an offset was taken as UTC"
	default:
		return fault.Lookup(code).Meaning
	}
}

// Settle computes the one result: failed if signature or content failed, else
// indeterminate if either is, or is missing, else passed.
func (r *Report) Settle() {
	parts := []signing.Result{signing.Indeterminate, signing.Indeterminate}
	if r.Signature != nil {
		parts[0] = r.Signature.Result
	}
	if r.Content != nil {
		parts[1] = r.Content.Result
	}
	switch {
	case slices.Contains(parts, signing.Failed):
		r.Result = signing.Failed
	case slices.Contains(parts, signing.Indeterminate):
		r.Result = signing.Indeterminate
	default:
		r.Result = signing.Passed
	}
}

// Payload returns the RFC 8785 form of the report.
func (r *Report) Payload() ([]byte, error) { return payload(r) }

// Sign returns the report as accord-report+jwt. Iss and JTI must be set.
func (r *Report) Sign(s *signing.Signer, now time.Time) ([]byte, error) {
	if r.Iss == "" || r.JTI == "" {
		return nil, fault.New(fault.Internal, "a signed report needs iss and jti")
	}
	return seal(r, signing.TypReport, s, now)
}

// ParseReport reads the payload of a report, strictly.
func ParseReport(src []byte) (*Report, error) {
	return parse[Report](src)
}

// OpenReport verifies and reads an accord-report+jwt with the keys of the
// gateway; the key must have been good at a time.
func OpenReport(raw []byte, keys []*signing.Key, at time.Time) (*Report, error) {
	var r Report
	if err := open(raw, signing.TypReport, keys, at, &r); err != nil {
		return nil, err
	}
	var f form
	f.need(r.Iss != "", "/iss")
	f.need(r.JTI != "", "/jti")
	if err := f.err(); err != nil {
		return nil, err
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	return &r, nil
}

func (r *Report) check() error {
	var f form
	f.version(r.Ver)
	f.instant(r.At, "/at")
	f.need(r.Findings != nil, "/findings")
	f.need(r.Policy.ID != "", "/policy/id")
	f.match(validResult(r.Result), "/result", "not a result")
	f.match(r.Signature == nil || validResult(r.Signature.Result), "/signature/result", "not a result")
	f.match(r.Content == nil || validResult(r.Content.Result), "/content/result", "not a result")
	f.match(r.Subject.Digest == "" || r.Subject.Digest.Valid(), "/subject/digest", "not a digest")
	f.need(r.Subject.Digest != "" || r.Subject.Number != "", "/subject")
	if err := f.err(); err != nil {
		return err
	}
	// The one result is computed, not believed.
	told := r.Result
	if r.Settle(); r.Result != told {
		return fault.At(fault.SchemaFormat, "/result", "does not follow from signature and content")
	}
	return nil
}

func validResult(r signing.Result) bool {
	switch r {
	case signing.Passed, signing.Failed, signing.Indeterminate:
		return true
	default:
		return false
	}
}
