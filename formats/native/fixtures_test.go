package native_test

import (
	"os"
	"path/filepath"
	"testing"

	"accord/attestation"
)

// everything returns a submission in which every field has a value, so that a
// field forgotten in one of the forms shows. It is no plausible certificate.
func everything() *attestation.Submission {
	zero := 0
	two := 2
	text := func(s string) attestation.LText {
		return attestation.LText{{Lang: "en", Value: s}, {Lang: "zh-CN", Value: "文 " + s}}
	}
	date := func(s string) *attestation.DateV { return &attestation.DateV{Value: s, Zone: "+08:00"} }
	code := func(system, c string) attestation.Code { return attestation.Code{System: system, Code: c} }
	labelled := attestation.Code{System: "wco.hs/2022", Code: "850811", Label: text("Vacuum cleaners")}
	identifiers := []attestation.Identifier{{Scheme: "cn.uscc", Value: "91440300MA5DEM012D"}}
	digest := attestation.Digest("sha-256:40bc56ae1bde758de3c5b5cce3c5351fabcfd3ff804c56c546e68f4e610fd114")
	party := func(role string) attestation.Party {
		return attestation.Party{
			Role: role, Name: text("Party"), Country: "CN", Subdivision: "440300",
			Identifiers: identifiers, Address: text("1 Road\nTown"), Postcode: "00900",
			Contacts:   []attestation.Contact{{Name: text("Desk"), Phone: "+86 755 0000", Email: "desk@example.cn"}},
			Geo:        &attestation.Geo{Lat: "22.540", Lon: "-114.06"},
			Attributes: []attestation.Attribute{{Name: "cn.cnca.orgType", Value: "1"}},
		}
	}
	body := party("laboratory")
	owner := party("schemeOwner")
	by := party("designatingAuthority")
	link := attestation.Link{
		URL: "https://cb.example.cn/a?b=1&c=2", Name: text("Report"), MediaType: "application/pdf",
		Digests: []attestation.LinkDigest{{Alg: "sha-256", Value: "aa"}, {Alg: "sha3-256", Value: "bb"}}, Encrypted: attestation.False,
	}
	evidence := []attestation.Evidence{{Link: link, Purpose: "typeTestReport"}}
	quantity := attestation.Qty{
		Name: "ratedVoltage", Value: "14.40", Unit: code("unece.rec20", "VLT"), Lower: "-0.10", Upper: "+0.10",
		ExpandedUncertainty: "0.020", CoverageFactor: "2", CoverageProbability: "0.95",
	}
	results := []attestation.Result{
		{Qty: quantity},
		{Qty: attestation.Qty{Name: "colour"}, Text: text("as it should be")},
		{Qty: attestation.Qty{Name: "grade"}, Score: "A"},
	}
	requirement := attestation.Requirement{
		Type: "standard", ID: "GB 4706.1", Edition: "2005", Amendments: []string{"A1:2010", "A2:2016"},
		Title: text("Safety"), NationalDifferences: []string{"CN", "NZ"}, Partial: attestation.True,
	}
	other := attestation.Target{Issuer: "cn-example-cb", Scheme: "cn.cnca.ccc", Number: "2020990708000001", IssueNumber: "1"}
	return &attestation.Submission{
		ModelVersion: "1.0", Kind: attestation.Certification, Party: "third", Regime: "compulsory",
		IssueNumber: "2", Replaces: digest,
		Identifiers: []attestation.Identifier{{Scheme: "cn.cnca.ccc", Value: "2024990708000001"}},
		Title:       text("Certificate"), Description: text("Two\nlines\tand <markup> & \"quotes\" 'too' ]]>"),
		Languages: &attestation.Languages{Used: []string{"zh-CN", "en"}, Mandatory: []string{"zh-CN"}},
		Scheme: &attestation.Scheme{
			ID: "https://www.cnca.gov.cn/ccc", Name: text("CCC"), Owner: &owner, Code: &labelled, Edition: "2017",
			Rule: &attestation.Rule{ID: "CNCA-C07-01:2017"}, Mode: text("type test"), Profile: "full",
		},
		Issuer: party("certificationBody"),
		Accreditation: []attestation.Accreditation{{
			Body: body, Number: "CNAS C001-M", ScopeRef: "S1", Mark: "CNAS", Status: "active", Evidence: &link,
		}},
		Authorisation: []attestation.Authorisation{{
			Authority: by, Basis: "designation", Number: "2020-18", Until: date("2030-01-01"),
		}},
		Parties: []attestation.Party{party("client"), {Role: "manufacturer", Ref: "client"}},
		Sites: []attestation.Site{{
			Name: text("Works"), Address: text("2 Road"), Identifiers: identifiers, Scope: text("assembly"), Main: attestation.True,
		}},
		Objects: []attestation.Object{{
			Type: "product", Name: text("Robot"), Description: text("cleans"),
			Classifications: []attestation.Code{code("cn.cnca.catalogue/SAMR-2020-18", "0708"), labelled},
			Models:          []attestation.Model{{Model: "RX93CE"}, {Model: "RX94CE", Note: text("base RC0106")}},
			ModelsComplete:  attestation.False, ModelsAttachment: &link, Identifiers: identifiers,
			Serials: []string{"S1", "S 2"}, Batches: []string{"B1"}, Brand: text("Brand"), Quantity: &quantity,
			Ratings: []attestation.Qty{quantity, {Name: "power", Value: "40", Unit: labelled}}, Origin: "CN",
			IDVerifiedByIssuer: attestation.True,
		}},
		Scope: text("all"), ScopeCodes: []attestation.Code{code("iaf", "19"), labelled},
		Requirements: []attestation.Requirement{requirement, {Type: "regulation", ID: "R1"}},
		Assessments: []attestation.Assessment{{
			ID: "a1", Name: text("Type test"), Activity: "testing", Date: date("2024-09-01"),
			Period:   &attestation.Period{From: date("2024-08-01"), To: date("2024-09-01")},
			Location: text("lab"), Body: &body, Requirements: []attestation.Requirement{requirement},
			ObjectsRef: []int{0}, Outcome: "conditionalPass", Results: results,
			Topics: []attestation.Code{labelled}, Evidence: evidence, Conditions: []attestation.LText{text("dry"), text("indoors")},
		}},
		Results: results, Conditions: []attestation.LText{text("X"), text("Y")}, Marking: []string{"Ex db IIC T6 Gb"},
		Dates: attestation.Dates{
			FirstIssued: date("2020-09-26"), Decided: date("2024-09-20"), ValidFrom: date("2024-09-26"),
			Issued:  attestation.DateV{Value: "2024-09-26T08:30:00.250+08:00", Lexical: "2024年9月26日"},
			Expires: &attestation.DateV{Value: "2029-09-25", Zone: "+08:00", Inclusive: attestation.True},
			Changed: date("2025-03-10"), Reported: &attestation.DateV{Value: "2025-03-11", Lexical: "20250311"},
			Received:      &attestation.DateV{Value: "2024-07-01T00:00:00Z"},
			PerformedFrom: date("2024-08-01"), PerformedTo: &attestation.DateV{Value: "2024-09-01", Inclusive: attestation.False},
		},
		Cycle: &attestation.Cycle{SurveillanceCount: &two, RecertificationCount: &zero, Employees: &two},
		StatusEvents: []attestation.StatusEvent{
			{Seq: 1, Event: attestation.EventIssue, Effective: *date("2024-09-26")},
			{Seq: 2, Event: attestation.EventCorrect, Effective: *date("2025-01-01"), Until: date("2025-02-01"),
				Reason: text("why"), ReasonCode: &labelled, By: &by, Evidence: &link,
				SellThrough: &attestation.SellThrough{Until: date("2026-01-01")}, SupersededBy: &other, Corrects: 1},
			{Seq: 3, Event: attestation.EventSupersede, Effective: *date("2025-03-01"),
				SellThrough: &attestation.SellThrough{}, SupersededBy: &attestation.Target{Digest: digest}},
		},
		Relations: []attestation.Relation{
			{Type: "renewalOf", Target: other, Note: text("older")},
			{Type: "basedOn", Target: attestation.Target{Digest: digest}},
		},
		Evidence: evidence,
		Trustmarks: []attestation.Trustmark{
			{Name: text("mark"), Description: text("round"), MediaType: "image/png", Data: "iVBORw0KGgo=\r\nAAAA"},
			{Name: text("mark"), MediaType: "image/png", Link: &link},
		},
		RecognitionClaims: []attestation.RecognitionClaim{{Agreement: "urn:accord:agreement:x", Mark: "互认标识", Text: text("see")}},
		Route:             &attestation.Route{ExportCountry: "CN", ImportCountry: "NZ", Transit: []attestation.Economy{"HK", "SG"}},
		Extensions: []attestation.Extension{
			{URI: "https://example.cn/ext", Value: []byte(`{"":"","a b":[true,false,null,"1.50",{}],"中":"x\ry\n<&>"}`)},
			{URI: "urn:other", Value: []byte(`"text"`)},
		},
		Residual: []attestation.Residual{{
			Format: "cnca+json", Path: "/rows/0", Kind: "member", Fragment: " {\"a\":\r\n 1.0}\t",
		}},
	}
}

// everythingView returns a view in which every field has a value.
func everythingView() *attestation.View {
	digest := attestation.Digest("sha-256:2dceb1f258fa5f2d3fcff7b38449bab5612580d1386494ea2e72881285992f6d")
	return &attestation.View{
		Submission: *everything(), ID: "att_wsxqratkgg7cbn5a3nc3smak6nphbio5", Revision: 3,
		Source: attestation.Source{Format: "native+xml", MediaType: "application/jose", Digest: digest, Size: 4711,
			ReceivedAt: "2026-01-02T03:04:05Z", From: "cn-example-cb"},
		Proofs: []attestation.Proof{{Type: "jws", Alg: "ES256", KID: "k1", Verified: true, At: "2026-01-02T03:04:05Z",
			Chain: []string{"sha-256:aa", "sha-256:bb"}, DetailRef: "5b0f4c52-8f0e-4a0e-9a63-0f6c2f1b7e12"}},
		Status: attestation.StatusView{Asserted: attestation.Suspended, Temporal: attestation.Expired, Credential: "valid",
			Effective: attestation.Expired, At: "2026-01-02T03:04:05Z", Overdue: true, LastIndex: 99},
		Recorded: []string{"2024-09-26T01:00:00Z", "2025-01-01T01:00:00Z", "2025-03-01T01:00:00Z"},
	}
}

// statusStatement returns a statement in which every field has a value.
func statusStatement() *attestation.StatusStatement {
	all := everything().StatusEvents[1]
	all.By, all.Evidence, all.Event, all.Seq = nil, nil, attestation.EventSupersede, 3
	return &attestation.StatusStatement{
		Ver: 1, Iss: "urn:accord:partner:cn-example-cb", JTI: "5b0f4c52-8f0e-4a0e-9a63-0f6c2f1b7e12",
		Subject: attestation.StatusSubject{Issuer: "cn-example-cb", Scheme: "cn.cnca.ccc", Number: "2024990708000001",
			IssueNumber: "2", Content: everything().Replaces},
		Prev: everything().Replaces, StatusEvent: all,
	}
}

// sharedFile reads a file of the data next to the repository, which is not part
// of it.
func sharedFile(t testing.TB, path string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	b, err := os.ReadFile(filepath.Join(dir, "..", "shared", "data", path))
	if os.IsNotExist(err) {
		t.Skipf("../shared/data/%s is not here; it is external test data", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// golden compares with a file of testdata, or writes it with -update.
func golden(t testing.TB, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; if that is meant, run the tests with -update\n%s", path, got)
	}
}
