package untp

import "accord/attestation"

// pairing is one row of a vocabulary: our word and those of the credential.
type pairing struct {
	ours, v07, v06 string
	narrow         bool // written, but read as another word of ours
}

// kinds pairs kind with attestationType. UNTP has no word for an accreditation
// or a sanitary certificate as such.
var kinds = []pairing{
	{"certification", "certification", "certification", false},
	{"declaration", "declaration", "declaration", false},
	{"testReport", "testing", "testing", false},
	{"inspectionReport", "inspection", "inspection", false},
	{"calibrationCertificate", "calibration", "calibration", false},
	{"validation", "validation", "validation", false},
	{"verification", "verification", "verification", false},
	{"accreditation", "certification", "certification", true},
	{"sanitaryCertificate", "inspection", "inspection", true},
}

// levels pairs party with assessorLevel; words of theirs that have none of ours
// stand behind, to be read only.
var levels = []pairing{
	{"first", "self", "Self", false},
	{"second", "buyer", "Buyer", false},
	{"third", "3rdParty", "3rdParty", false},
	{"unspecified", "unspecified", "Unspecified", false},
	{"second", "commercial", "Commercial", true},
	{"second", "membership", "Membership", true},
	{"unspecified", "hybrid", "hybrid", true},
}

func toTheirs(table []pairing, ours string, old bool) (word string, narrow, ok bool) {
	for i := range table {
		if p := &table[i]; p.ours == ours {
			if old {
				return p.v06, p.narrow, true
			}
			return p.v07, p.narrow, true
		}
	}
	return "", false, false
}

func toOurs(table []pairing, theirs string, old bool) string {
	for i := range table {
		if p := &table[i]; !old && p.v07 == theirs || old && p.v06 == theirs {
			return p.ours
		}
	}
	return ""
}

// roleOf is the role of an issuer whose role the credential does not say.
func roleOf(k attestation.Kind) string {
	switch k {
	case attestation.Declaration:
		return "declarant"
	case attestation.TestReport, attestation.CalibrationCertificate:
		return "laboratory"
	case attestation.InspectionReport:
		return "inspectionBody"
	case attestation.Validation, attestation.Verification:
		return "verificationBody"
	default:
		return "certificationBody"
	}
}

// activityOf is the activity of an assessment, which the credential does not say
// either.
func activityOf(k attestation.Kind) string {
	switch k {
	case attestation.TestReport:
		return "testing"
	case attestation.InspectionReport:
		return "inspection"
	case attestation.CalibrationCertificate:
		return "calibration"
	default:
		return "evaluation"
	}
}

// topicSystem is where UNTP 0.7.0 lists the topics of conformity.
const topicSystem = "https://vocabulary.uncefact.org/conformity-topic"

// topic is a topic of UNTP by its code and name.
type topic struct{ code, name string }

// topicOf is the topic of an attestation that names none; 0.7.0 demands one.
func topicOf(r attestation.Regime) topic {
	switch r {
	case attestation.Compulsory:
		return topic{"product-safety-standards", "Product Safety Standards"}
	case attestation.Voluntary, attestation.NationalVoluntary:
		return topic{"quality-performance", "Quality Performance"}
	default:
		return topic{"legal-compliance", "Legal Compliance"}
	}
}

// topicSystem06 names the enumeration of topics in UNTP 0.6.
const topicSystem06 = "untp.conformityTopic/0.6"

// topic06 is the topic of 0.6 for what names none of its topics.
const topic06 = "governance.compliance"

// scheme of requirements in URNs.
func requirementScheme(typ string) string {
	switch typ {
	case "regulation":
		return "reg"
	case "criterion":
		return "criterion"
	default:
		return "std"
	}
}

// partyRoles are the roles that a party of our documents may have; another one in
// the extension is none of ours and stays in the residual.
var partyRoles = []string{
	"client", "holder", "manufacturer", "factory", "importer", "agent", "customer", "consignor", "consignee",
}
