package attestation

import "slices"

// The parties of section 3, row 7.
const (
	FirstParty       PartyKind = "first"
	SecondParty      PartyKind = "second"
	ThirdParty       PartyKind = "third"
	UnspecifiedParty PartyKind = "unspecified"
)

// The regimes of section 3, row 8.
const (
	Compulsory        Regime = "compulsory"
	Voluntary         Regime = "voluntary"
	NationalVoluntary Regime = "nationalVoluntary"
	UnspecifiedRegime Regime = "unspecified"
)

// Enumeration names a closed list of words of section 3.
type Enumeration uint8

// The closed lists.
const (
	EnumKind Enumeration = iota
	EnumParty
	EnumRegime
	EnumObjectType
	EnumRequirementType
	EnumActivity
	EnumOutcome
	EnumPurpose
	EnumRelation
	EnumEvent
	EnumCorrection // reason codes of a correction
)

// Words returns the words of a list in the order of the specification. The
// schemas are held against it by a test.
func (e Enumeration) Words() []string { return slices.Clone(e.words()) }

// Has says whether a word is of the list.
func (e Enumeration) Has(word string) bool { return slices.Contains(e.words(), word) }

func (e Enumeration) words() []string {
	if int(e) < len(vocabulary) {
		return vocabulary[e]
	}
	return nil
}

// vocabulary has the words of each Enumeration; the most frequent stand first
// where the specification gives no order.
var vocabulary = [...][]string{
	EnumKind: {"certification", "declaration", "accreditation", "testReport", "inspectionReport", "calibrationCertificate",
		"validation", "verification", "sanitaryCertificate", "recognitionDecision"},
	EnumParty:  {"first", "second", "third", "unspecified"},
	EnumRegime: {"compulsory", "voluntary", "nationalVoluntary", "unspecified"},
	// ISO/IEC 17000, 4.2, and the forms in which the field certifies.
	EnumObjectType: {"product", "process", "service", "system", "installation", "project", "data", "design", "material",
		"claim", "person", "body", "organisation", "productFamily", "managementSystem", "facility", "instrument", "consignment"},
	EnumRequirementType: {"standard", "regulation", "criterion"},
	EnumActivity:        {"testing", "inspection", "audit", "calibration", "evaluation", "surveillance"},
	EnumOutcome:         {"pass", "fail", "conditionalPass", "conditionalFail", "noPass", "noFail", "notStated"},
	EnumPurpose:         {"certificate", "modelList", "typeTestReport", "other", "auditable"},
	EnumRelation: {"supersedes", "supersededBy", "amends", "renewalOf", "transferFrom", "subCertificateOf", "basedOn",
		"recognises"},
	EnumEvent: {"issue", "amend", "extendScope", "reduceScope", "suspend", "restore", "withdraw", "cancel", "supersede",
		"renew", "restoreAfterExpiry", "correct"},
	EnumCorrection: {"enteredInError", "appealUpheld", "courtOrder"},
}

// Valid says whether the kind is one of section 3, row 6.
func (k Kind) Valid() bool { return EnumKind.Has(string(k)) }

// Valid says whether the party is one of section 3, row 7.
func (p PartyKind) Valid() bool { return EnumParty.Has(string(p)) }

// Valid says whether the regime is one of section 3, row 8.
func (r Regime) Valid() bool { return EnumRegime.Has(string(r)) }

// Valid says whether the event stands in the transition table.
func (e Event) Valid() bool { return row(e) != nil }
