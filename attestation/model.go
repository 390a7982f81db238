package attestation

// Optional members that are absent have their zero value: an empty string, list
// or object is refused at the door (schema.length), so absent and empty cannot
// be confused. Where false and absent differ the type is Flag, where zero and
// absent differ it is a pointer.

// Submission is the document as its issuer signs it (domain.md, section 3). Its
// fields stand in the order of the XML form. It is parsed by formats/native,
// which accepts nothing unknown; Validate says whether its content is valid.
type Submission struct {
	ModelVersion      string             `json:"modelVersion"`
	Kind              Kind               `json:"kind"`
	Party             PartyKind          `json:"party"`
	Regime            Regime             `json:"regime"`
	IssueNumber       string             `json:"issueNumber,omitempty"`
	Replaces          Digest             `json:"replaces,omitempty"`
	Identifiers       []Identifier       `json:"identifiers"`
	Title             LText              `json:"title,omitempty"`
	Description       LText              `json:"description,omitempty"`
	Languages         *Languages         `json:"languages,omitempty"`
	Scheme            *Scheme            `json:"scheme,omitempty"`
	Issuer            Party              `json:"issuer"`
	Accreditation     []Accreditation    `json:"accreditation,omitempty"`
	Authorisation     []Authorisation    `json:"authorisation,omitempty"`
	Parties           []Party            `json:"parties"`
	Sites             []Site             `json:"sites,omitempty"`
	Objects           []Object           `json:"objects"`
	Scope             LText              `json:"scope,omitempty"`
	ScopeCodes        []Code             `json:"scopeCodes,omitempty"`
	Requirements      []Requirement      `json:"requirements,omitempty"`
	Assessments       []Assessment       `json:"assessments,omitempty"`
	Results           []Result           `json:"results,omitempty"`
	Conditions        []LText            `json:"conditions,omitempty"`
	Marking           []string           `json:"marking,omitempty"`
	Dates             Dates              `json:"dates"`
	Cycle             *Cycle             `json:"cycle,omitempty"`
	StatusEvents      []StatusEvent      `json:"statusEvents"`
	Relations         []Relation         `json:"relations,omitempty"`
	Evidence          []Evidence         `json:"evidence,omitempty"`
	Trustmarks        []Trustmark        `json:"trustmarks,omitempty"`
	RecognitionClaims []RecognitionClaim `json:"recognitionClaims,omitempty"`
	Route             *Route             `json:"route,omitempty"`
	Extensions        []Extension        `json:"extensions,omitempty"` // sorted by URI; an object in JSON
	Residual          []Residual         `json:"residual,omitempty"`
}

// Kind says what sort of statement the document is.
type Kind string

// The kinds of document.
const (
	Certification          Kind = "certification"
	Declaration            Kind = "declaration"
	AccreditationKind      Kind = "accreditation"
	TestReport             Kind = "testReport"
	InspectionReport       Kind = "inspectionReport"
	CalibrationCertificate Kind = "calibrationCertificate"
	Validation             Kind = "validation"
	Verification           Kind = "verification"
	SanitaryCertificate    Kind = "sanitaryCertificate"
	RecognitionDecision    Kind = "recognitionDecision"
)

// PartyKind says who attests: first, second, third or unspecified.
type PartyKind string

// Regime is compulsory, voluntary, nationalVoluntary or unspecified.
type Regime string

// Text is one text in one language.
type Text struct {
	Lang  string `json:"lang"` // BCP 47; "und" is allowed
	Value string `json:"value"`
}

// LText is an ordered list of texts; a language may stand twice.
type LText []Text

// Dec is a decimal whose lexical form is kept ("14.40").
type Dec string

// Flag is an optional boolean: absent, false and true are three values.
type Flag uint8

// The values of a Flag.
const (
	Unset Flag = iota
	False
	True
)

// DateV is a date or an instant as its author wrote it. Value is YYYY-MM-DD or
// an XML dateTimeStamp; Zone is the offset of a date ("+08:00"); an expiry or
// until that is only a date is inclusive unless Inclusive is False.
type DateV struct {
	Value     string `json:"value"`
	Zone      string `json:"zone,omitempty"`
	Inclusive Flag   `json:"inclusive,omitempty"`
	Lexical   string `json:"lexical,omitempty"`
}

// Code is a code in a system; the system's name carries its edition.
type Code struct {
	System string `json:"system"`
	Code   string `json:"code"`
	Label  LText  `json:"label,omitempty"`
}

// Identifier is a value that is unique within its scheme.
type Identifier struct {
	Scheme string `json:"scheme"`
	Value  string `json:"value"`
}

// Qty is a measured or rated quantity.
type Qty struct {
	Name                string `json:"name"`
	Value               Dec    `json:"value,omitempty"`
	Unit                Code   `json:"unit,omitzero"`
	Lower               Dec    `json:"lower,omitempty"`
	Upper               Dec    `json:"upper,omitempty"`
	ExpandedUncertainty Dec    `json:"expandedUncertainty,omitempty"`
	CoverageFactor      Dec    `json:"coverageFactor,omitempty"`
	CoverageProbability Dec    `json:"coverageProbability,omitempty"`
}

// Result is a measured performance: a quantity (Qty), a text or a score; one
// of the three. For text and score only Name of the quantity is used.
type Result struct {
	Qty
	Text  LText  `json:"text,omitempty"`
	Score string `json:"score,omitempty"`
}

// LinkDigest is the digest of what a link leads to.
type LinkDigest struct {
	Alg   string `json:"alg"`
	Value string `json:"value"`
}

// Link leads to something outside the document.
type Link struct {
	URL       string       `json:"url"`
	Name      LText        `json:"name,omitempty"`
	MediaType string       `json:"mediaType,omitempty"`
	Digests   []LinkDigest `json:"digests,omitempty"`
	Encrypted Flag         `json:"encrypted,omitempty"`
}

// Languages lists the languages used and those that every text must have.
type Languages struct {
	Used      []string `json:"used,omitempty"`
	Mandatory []string `json:"mandatory,omitempty"`
}

// Scheme is the conformity assessment scheme.
type Scheme struct {
	ID      string `json:"id"`
	Name    LText  `json:"name"`
	Owner   *Party `json:"owner,omitempty"`
	Code    *Code  `json:"code,omitempty"`
	Edition string `json:"edition,omitempty"`
	Rule    *Rule  `json:"rule,omitempty"`
	Mode    LText  `json:"mode,omitempty"`
	Profile string `json:"profile,omitempty"`
}

// Rule names the implementation rule of a scheme.
type Rule struct {
	ID string `json:"id"`
}

// Party is a body or person in a role. With Ref it stands for the party of
// that role in the same document and carries nothing else.
type Party struct {
	Role        string       `json:"role,omitempty"`
	Ref         string       `json:"ref,omitempty"`
	Name        LText        `json:"name,omitempty"`
	Country     Economy      `json:"country,omitempty"`
	Subdivision string       `json:"subdivision,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
	Address     LText        `json:"address,omitempty"`
	Postcode    string       `json:"postcode,omitempty"`
	Contacts    []Contact    `json:"contacts,omitempty"`
	Geo         *Geo         `json:"geo,omitempty"`
	Attributes  []Attribute  `json:"attributes,omitempty"`
}

// Contact is a way to reach a party; it may name a natural person.
type Contact struct {
	Name  LText  `json:"name,omitempty"`
	Phone string `json:"phone,omitempty"`
	Email string `json:"email,omitempty"`
}

// Geo is a WGS 84 position in degrees.
type Geo struct {
	Lat Dec `json:"lat"`
	Lon Dec `json:"lon"`
}

// Attribute is a further property of a party.
type Attribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Accreditation is an accreditation claimed on the document; never proof.
type Accreditation struct {
	Body     Party  `json:"body"`
	Number   string `json:"number,omitempty"`
	ScopeRef string `json:"scopeRef,omitempty"`
	Mark     string `json:"mark,omitempty"`
	Status   string `json:"status,omitempty"`
	Evidence *Link  `json:"evidence,omitempty"`
}

// Authorisation is the designation of the issuer by an authority.
type Authorisation struct {
	Authority Party  `json:"authority"`
	Basis     string `json:"basis"`
	Number    string `json:"number,omitempty"`
	Until     *DateV `json:"until,omitempty"`
}

// Site is a covered site or facility.
type Site struct {
	Name        LText        `json:"name,omitempty"`
	Address     LText        `json:"address,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
	Scope       LText        `json:"scope,omitempty"`
	Main        Flag         `json:"main,omitempty"`
}

// Object is an object of conformity assessment (ISO/IEC 17000, 4.2).
type Object struct {
	Type               string       `json:"type"`
	Name               LText        `json:"name"`
	Description        LText        `json:"description,omitempty"`
	Classifications    []Code       `json:"classifications,omitempty"`
	Models             []Model      `json:"models,omitempty"`
	ModelsComplete     Flag         `json:"modelsComplete,omitempty"`
	ModelsAttachment   *Link        `json:"modelsAttachment,omitempty"`
	Identifiers        []Identifier `json:"identifiers,omitempty"`
	Serials            []string     `json:"serials,omitempty"`
	Batches            []string     `json:"batches,omitempty"`
	Brand              LText        `json:"brand,omitempty"`
	Quantity           *Qty         `json:"quantity,omitempty"`
	Ratings            []Qty        `json:"ratings,omitempty"`
	Origin             Economy      `json:"origin,omitempty"`
	IDVerifiedByIssuer Flag         `json:"idVerifiedByIssuer,omitempty"`
}

// Model is one model of a certified family.
type Model struct {
	Model string `json:"model"`
	Note  LText  `json:"note,omitempty"`
}

// Requirement is a specified requirement; ID is its number without the year.
type Requirement struct {
	Type                string   `json:"type"` // standard, regulation, criterion
	ID                  string   `json:"id"`
	Edition             string   `json:"edition,omitempty"`
	Amendments          []string `json:"amendments,omitempty"`
	Title               LText    `json:"title,omitempty"`
	NationalDifferences []string `json:"nationalDifferences,omitempty"`
	Partial             Flag     `json:"partial,omitempty"`
}

// Assessment is one conformity assessment activity and its outcome.
type Assessment struct {
	ID           string        `json:"id,omitempty"`
	Name         LText         `json:"name,omitempty"`
	Activity     string        `json:"activity"`
	Date         *DateV        `json:"date,omitempty"`
	Period       *Period       `json:"period,omitempty"`
	Location     LText         `json:"location,omitempty"`
	Body         *Party        `json:"body,omitempty"`
	Requirements []Requirement `json:"requirements,omitempty"`
	ObjectsRef   []int         `json:"objectsRef,omitempty"` // 0-based indexes into Objects
	Outcome      string        `json:"outcome"`
	Results      []Result      `json:"results,omitempty"`
	Topics       []Code        `json:"topics,omitempty"`
	Evidence     []Evidence    `json:"evidence,omitempty"`
	Conditions   []LText       `json:"conditions,omitempty"`
}

// Period is the span of an activity.
type Period struct {
	From *DateV `json:"from,omitempty"`
	To   *DateV `json:"to,omitempty"`
}

// Dates are the dates of a document. The act date is Decided, else Changed,
// else Issued.
type Dates struct {
	FirstIssued   *DateV `json:"firstIssued,omitempty"`
	Decided       *DateV `json:"decided,omitempty"`
	Issued        DateV  `json:"issued"`
	ValidFrom     *DateV `json:"validFrom,omitempty"`
	Expires       *DateV `json:"expires,omitempty"`
	Changed       *DateV `json:"changed,omitempty"`
	Reported      *DateV `json:"reported,omitempty"`
	Received      *DateV `json:"received,omitempty"`
	PerformedFrom *DateV `json:"performedFrom,omitempty"`
	PerformedTo   *DateV `json:"performedTo,omitempty"`
}

// Cycle counts surveillances, recertifications and employees covered.
type Cycle struct {
	SurveillanceCount    *int `json:"surveillanceCount,omitempty"`
	RecertificationCount *int `json:"recertificationCount,omitempty"`
	Employees            *int `json:"employees,omitempty"`
}

// StatusEvent is one step of the history; see the transition table.
type StatusEvent struct {
	Seq          int          `json:"seq"` // 1 and up
	Event        Event        `json:"event"`
	Effective    DateV        `json:"effective"`
	Until        *DateV       `json:"until,omitempty"`
	Reason       LText        `json:"reason,omitempty"`
	ReasonCode   *Code        `json:"reasonCode,omitempty"`
	By           *Party       `json:"by,omitempty"` // absent: the issuer
	Evidence     *Link        `json:"evidence,omitempty"`
	SellThrough  *SellThrough `json:"sellThrough,omitempty"`
	SupersededBy *Target      `json:"supersededBy,omitempty"`
	Corrects     int          `json:"corrects,omitzero"` // seq of the event corrected; 0: none
}

// Event names a status event.
type Event string

// The events of section 3.1.
const (
	EventIssue              Event = "issue"
	EventAmend              Event = "amend"
	EventExtendScope        Event = "extendScope"
	EventReduceScope        Event = "reduceScope"
	EventSuspend            Event = "suspend"
	EventRestore            Event = "restore"
	EventWithdraw           Event = "withdraw"
	EventCancel             Event = "cancel"
	EventSupersede          Event = "supersede"
	EventRenew              Event = "renew"
	EventRestoreAfterExpiry Event = "restoreAfterExpiry"
	EventCorrect            Event = "correct"
)

// SellThrough says until when goods already out may still be sold; without
// Until there is no end.
type SellThrough struct {
	Until *DateV `json:"until,omitempty"`
}

// Target names another document: by content digest, or by issuer, scheme and
// number. In JSON it is a string or an object.
type Target struct {
	Digest      Digest `json:"-"`
	Issuer      string `json:"issuer,omitempty"`
	Scheme      string `json:"scheme,omitempty"`
	Number      string `json:"number,omitempty"`
	IssueNumber string `json:"issueNumber,omitempty"`
}

// Relation relates this document to another.
type Relation struct {
	Type   string `json:"type"`
	Target Target `json:"target"`
	Note   LText  `json:"note,omitempty"`
}

// Evidence is a link with a purpose: certificate, modelList, typeTestReport,
// auditable or other.
type Evidence struct {
	Link
	Purpose string `json:"purpose"`
}

// Trustmark is a mark shown with the document, embedded or linked.
type Trustmark struct {
	Name        LText  `json:"name"`
	Description LText  `json:"description,omitempty"`
	MediaType   string `json:"mediaType"`
	Data        string `json:"data,omitempty"` // base64
	Link        *Link  `json:"link,omitempty"`
}

// RecognitionClaim is what the document says of itself; never proof.
type RecognitionClaim struct {
	Agreement string `json:"agreement,omitempty"`
	Mark      string `json:"mark,omitempty"`
	Text      LText  `json:"text,omitempty"`
}

// Route is the way of a consignment.
type Route struct {
	ExportCountry Economy   `json:"exportCountry,omitempty"`
	ImportCountry Economy   `json:"importCountry,omitempty"`
	Transit       []Economy `json:"transit,omitempty"`
}

// Extension is namespaced JSON without numbers; Value is its RFC 8785 form.
type Extension struct {
	URI   string `json:"uri"`
	Value []byte `json:"value"`
}

// Residual is a piece of a foreign source that no field takes.
type Residual struct {
	Format   string `json:"format"`
	Path     string `json:"path"`
	Kind     string `json:"kind"`
	Fragment string `json:"fragment,omitempty"` // none for an empty or nil piece
}

// View is a submission and what only the gateway may say of it. It is made for
// an answer and never signed by an issuer.
type View struct {
	Submission
	ID       ID
	Revision int
	Source   Source
	Proofs   []Proof
	Status   StatusView
	Recorded []string // RFC 3339 time recorded, one for each of StatusEvents
}

// Source points to the bytes as received.
type Source struct {
	Format     string    `json:"format"`
	MediaType  string    `json:"mediaType"`
	Digest     Digest    `json:"digest"`
	Size       int       `json:"size"`
	ReceivedAt string    `json:"receivedAt"`
	From       PartnerID `json:"from"`
}

// Proof is the result of verifying the source bytes.
type Proof struct {
	Type      string   `json:"type"` // jws, xmldsig, cms, seal, none
	Alg       string   `json:"alg,omitempty"`
	KID       string   `json:"kid,omitempty"`
	Verified  bool     `json:"verified"`
	At        string   `json:"at"`
	Chain     []string `json:"chain,omitempty"`
	DetailRef string   `json:"detailRef,omitempty"`
}

// StatusView shows the three facts and the one computed status.
type StatusView struct {
	Asserted   Status `json:"asserted"`
	Temporal   Status `json:"temporal,omitempty"` // pending or expired
	Credential string `json:"credential"`
	Effective  Status `json:"effective"`
	At         string `json:"at"`
	Overdue    bool   `json:"overdue,omitempty"`
	LastIndex  uint64 `json:"lastIndex"`
}

// Status is a state of an attestation. "revoked" is not one: it is said of keys
// and credentials only.
type Status string

// The states.
const (
	Valid      Status = "valid"
	Suspended  Status = "suspended"
	Withdrawn  Status = "withdrawn"
	Cancelled  Status = "cancelled"
	Superseded Status = "superseded"
	Expired    Status = "expired"
	Pending    Status = "pending"
	Unknown    Status = "unknown"
)

// StatusStatement is the payload of accord-status+jwt (wire.md).
type StatusStatement struct {
	Ver     int           `json:"ver"`
	Iss     string        `json:"iss"`
	JTI     string        `json:"jti"`
	Subject StatusSubject `json:"subject"`
	Prev    Digest        `json:"prev"`
	StatusEvent
}

// StatusSubject names what a statement speaks of.
type StatusSubject struct {
	Issuer      PartnerID `json:"issuer"`
	Scheme      string    `json:"scheme"`
	Number      string    `json:"number"`
	IssueNumber string    `json:"issueNumber,omitempty"`
	Content     Digest    `json:"content"` // content digest of the head revision
}
