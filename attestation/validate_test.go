package attestation_test

import (
	"maps"
	"strings"
	"testing"

	"accord/attestation"
	"accord/internal/fault"
)

func TestValidate_acceptsTheWorkedExamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"ccc-vacuum.json", "ccc-vacuum-r2.json"} {
		if errs, warns := sample(t, name).Validate(now()); len(errs)+len(warns) > 0 {
			t.Errorf("%s: findings %v, warnings %v", name, errs, warns)
		}
	}
}

// Each row breaks one rule of a valid document and expects one finding.
func TestValidate_rules(t *testing.T) {
	t.Parallel()
	type doc = attestation.Submission
	party := func(s *doc) *attestation.Party { return &s.Parties[0] }
	for _, c := range []struct {
		name   string
		change func(*doc)
		at     string
		want   fault.Code
	}{
		{"model version", func(s *doc) { s.ModelVersion = "2.0" }, "/modelVersion", fault.SchemaFormat},
		{"no model version", func(s *doc) { s.ModelVersion = "" }, "/modelVersion", fault.SchemaMissingField},
		{"kind", func(s *doc) { s.Kind = "Certification" }, "/kind", fault.SchemaFormat},
		{"party", func(s *doc) { s.Party = "" }, "/party", fault.SchemaMissingField},
		{"regime", func(s *doc) { s.Regime = "x" }, "/regime", fault.SchemaFormat},
		{"no number", func(s *doc) { s.Identifiers = nil }, "/identifiers", fault.SchemaMissingField},
		{"number", func(s *doc) { s.Identifiers[0] = attestation.Identifier{Scheme: "x", Value: "A_1"} }, "/identifiers/0/value", fault.SchemaFormat},
		{"number of one character", func(s *doc) { s.Identifiers[0] = attestation.Identifier{Scheme: "x", Value: "A"} }, "/identifiers/0/value", fault.SchemaFormat},
		{"scheme with a space", func(s *doc) { s.Identifiers[0].Scheme = "a b" }, "/identifiers/0/scheme", fault.SchemaFormat},
		{"CCC number", func(s *doc) { s.Identifiers[0].Value = "202499070800001" }, "/identifiers/0/value", fault.SchemaFormat},
		{"CCC number of the future", func(s *doc) { s.Identifiers[0].Value = "2027990708000001"; s.Dates.FirstIssued = nil }, "/identifiers/0/value", fault.SchemaFormat},
		{"CCC number after first issue", func(s *doc) { s.Identifiers[0].Value = "2025990708000001" }, "/identifiers/0/value", fault.SchemaFormat},
		{"issue number", func(s *doc) { s.IssueNumber = "-2" }, "/issueNumber", fault.SchemaFormat},
		{"replaces", func(s *doc) {
			s.Replaces = "sha-256:00"
			s.StatusEvents = append(s.StatusEvents, event(2, "amend", "2025-01-01"))
		}, "/replaces", fault.SchemaFormat},
		{"language", func(s *doc) { s.Title[0].Lang = "zh-cn" }, "/title/0/lang", fault.SchemaFormat},
		{"no language", func(s *doc) { s.Title[0].Lang = "" }, "/title/0/lang", fault.SchemaMissingField},
		{"unregistered language", func(s *doc) { s.Title[0].Lang = "qz" }, "/title/0/lang", fault.SchemaFormat},
		{"empty text", func(s *doc) { s.Title[0].Value = "" }, "/title/0/value", fault.SchemaMissingField},
		{"blank text", func(s *doc) { s.Title[0].Value = "  " }, "/title/0/value", fault.SchemaLength},
		{"long line", func(s *doc) { s.Title[0].Value = strings.Repeat("a", 1001) }, "/title/0/value", fault.SchemaLength},
		{"line feed in a title", func(s *doc) { s.Title[0].Value = "a\nb" }, "/title/0/value", fault.SchemaForbiddenChar},
		{"carriage return in a title", func(s *doc) { s.Title[0].Value = "a\rb" }, "/title/0/value", fault.SchemaForbiddenChar},
		{"carriage return in a text", func(s *doc) { s.Description = texts("a\r\nb") }, "/description/0/value", fault.SchemaForbiddenChar},
		{"bidirectional override", func(s *doc) { s.Title[0].Value = "a\u202Eb" }, "/title/0/value", fault.SchemaForbiddenChar},
		{"bidirectional isolate", func(s *doc) { s.Objects[0].Models[0].Model = "a\u2066b" }, "/objects/0/models/0/model", fault.SchemaForbiddenChar},
		{"control character", func(s *doc) { s.Description = texts("a\x01b") }, "/description/0/value", fault.SchemaForbiddenChar},
		{"C1 control", func(s *doc) { s.Description = texts("a\u0085b") }, "/description/0/value", fault.SchemaForbiddenChar},
		{"noncharacter", func(s *doc) { s.Description = texts("a\uFFFEb") }, "/description/0/value", fault.SchemaForbiddenChar},
		{"not UTF-8", func(s *doc) { s.Description = texts("a\xffb") }, "/description/0/value", fault.SchemaForbiddenChar},
		{"mandatory language unused", func(s *doc) {
			s.Languages = &attestation.Languages{Used: []string{"en"}, Mandatory: []string{"en", "zh"}}
			s.Title = append(s.Title, attestation.Text{Lang: "zh-CN", Value: "x"})
			noZh(s)
		}, "/languages/mandatory", fault.SchemaFormat},
		{"scheme without name", func(s *doc) { s.Scheme = &attestation.Scheme{ID: "x"} }, "/scheme/name", fault.SchemaMissingField},
		{"issuer without role", func(s *doc) { s.Issuer.Role = "" }, "/issuer/role", fault.SchemaMissingField},
		{"issuer without name", func(s *doc) { s.Issuer.Name = nil }, "/issuer/name", fault.SchemaMissingField},
		{"approval number", func(s *doc) { s.Issuer.Identifiers[0].Value = "CNCA-R-02-1" }, "/issuer/identifiers/0/value", fault.SchemaFormat},
		{"no parties", func(s *doc) { s.Parties = nil }, "/parties", fault.SchemaMissingField},
		{"country", func(s *doc) { party(s).Country = "UK" }, "/parties/0/country", fault.SchemaFormat},
		{"alpha-3 country", func(s *doc) { party(s).Country = "CHN" }, "/parties/0/country", fault.SchemaFormat},
		{"ref to nobody", func(s *doc) { s.Parties[1].Ref = "holder" }, "/parties/1/ref", fault.SchemaFormat},
		{"ref to a ref", func(s *doc) { s.Parties[1].Ref = "manufacturer" }, "/parties/1/ref", fault.SchemaFormat},
		{"ref with more", func(s *doc) { s.Parties[1].Postcode = "1" }, "/parties/1/ref", fault.SchemaFormat},
		{"latitude", func(s *doc) { party(s).Geo = &attestation.Geo{Lat: "90.1", Lon: "0"} }, "/parties/0/geo/lat", fault.SchemaFormat},
		{"no objects", func(s *doc) { s.Objects = nil }, "/objects", fault.SchemaMissingField},
		{"object type", func(s *doc) { s.Objects[0].Type = "thing" }, "/objects/0/type", fault.SchemaFormat},
		{"HS code", func(s *doc) { s.Objects[0].Classifications[0].Code = "85081" }, "/objects/0/classifications/0/code", fault.SchemaFormat},
		{"HS without edition", func(s *doc) { s.Objects[0].Classifications[0].System = "wco.hs" }, "/objects/0/classifications/0/system", fault.SchemaFormat},
		{"origin EU", func(s *doc) { s.Objects[0].Origin = "EU" }, "/objects/0/origin", fault.SchemaFormat},
		{"decimal", func(s *doc) { s.Objects[0].Ratings = []attestation.Qty{qty("1e3")} }, "/objects/0/ratings/0/value", fault.SchemaFormat},
		{"unit", func(s *doc) { q := qty("1"); q.Unit.Code = "volt"; s.Objects[0].Quantity = &q }, "/objects/0/quantity/unit/code", fault.SchemaFormat},
		{"requirement type", func(s *doc) { s.Requirements[0].Type = "norm" }, "/requirements/0/type", fault.SchemaFormat},
		{"activity", func(s *doc) {
			s.Assessments = []attestation.Assessment{{Activity: "test", Outcome: "pass"}}
		}, "/assessments/0/activity", fault.SchemaFormat},
		{"outcome", func(s *doc) {
			s.Assessments = []attestation.Assessment{{Activity: "testing", Outcome: "passed"}}
		}, "/assessments/0/outcome", fault.SchemaFormat},
		{"object reference", func(s *doc) {
			s.Assessments = []attestation.Assessment{{Activity: "testing", Outcome: "pass", ObjectsRef: []int{0, 1}}}
		}, "/assessments/0/objectsRef/1", fault.SchemaFormat},
		{"period", func(s *doc) {
			s.Assessments = []attestation.Assessment{{Activity: "testing", Outcome: "pass", Period: &attestation.Period{From: datep("2024-02-02"), To: datep("2024-02-01")}}}
		}, "/assessments/0/period/to", fault.DocDateOrder},
		{"result of two sorts", func(s *doc) {
			s.Results = []attestation.Result{{Qty: qty("1"), Score: "A"}}
		}, "/results/0", fault.SchemaFormat},
		{"result of no sort", func(s *doc) {
			s.Results = []attestation.Result{{Qty: attestation.Qty{Name: "x"}}}
		}, "/results/0/value", fault.SchemaMissingField},
		{"empty condition", func(s *doc) { s.Conditions = []attestation.LText{{}} }, "/conditions/0", fault.SchemaMissingField},
		{"marking", func(s *doc) { s.Marking = []string{"Ex", "a\tb"} }, "/marking/1", fault.SchemaForbiddenChar},
		{"no issue date", func(s *doc) { s.Dates.Issued = attestation.DateV{}; s.Identifiers[0].Scheme = "x" }, "/dates/issued/value", fault.SchemaMissingField},
		{"not a calendar date", func(s *doc) { s.Dates.Expires.Value = "2029-02-29" }, "/dates/expires/value", fault.DocDateInvalid},
		{"date in figures", func(s *doc) { s.Dates.Expires.Value = "20290925" }, "/dates/expires/value", fault.DocDateInvalid},
		{"instant without offset", func(s *doc) { s.Dates.Expires.Value = "2029-09-25T00:00:00" }, "/dates/expires/value", fault.DocDateInvalid},
		{"zone Z", func(s *doc) { s.Dates.Expires.Zone = "Z" }, "/dates/expires/zone", fault.SchemaFormat},
		{"zone", func(s *doc) { s.Dates.Expires.Zone = "+8" }, "/dates/expires/zone", fault.SchemaFormat},
		{"expiry before issue", func(s *doc) { s.Dates.Expires = datep("2024-09-25") }, "/dates/expires", fault.DocDateOrder},
		{"first issue after issue", func(s *doc) {
			s.Dates.FirstIssued, s.StatusEvents[0].Effective = datep("2024-09-27"), date("2024-09-27")
		}, "/dates/issued", fault.DocDateOrder},
		{"performed", func(s *doc) {
			s.Dates.PerformedFrom, s.Dates.PerformedTo = datep("2024-09-02"), datep("2024-09-01")
		}, "/dates/performedTo", fault.DocDateOrder},
		{"event before first issue", func(s *doc) { s.StatusEvents[0].Effective = date("2024-09-25") }, "/statusEvents/0/effective", fault.DocDateOrder},
		{"event after expiry", func(s *doc) {
			s.StatusEvents = append(s.StatusEvents, event(2, "amend", "2030-01-01"))
		}, "/statusEvents/1/effective", fault.DocDateOrder},
		{"no events", func(s *doc) { s.StatusEvents = nil }, "/statusEvents", fault.SchemaMissingField},
		{"event", func(s *doc) { s.StatusEvents[0].Event = "revoke" }, "/statusEvents/0/event", fault.SchemaFormat},
		{"first event", func(s *doc) { s.StatusEvents[0] = event(1, "suspend", "2024-09-26") }, "/statusEvents/0", fault.StatusIllegalTransition},
		{"two issues", func(s *doc) { s.StatusEvents = append(s.StatusEvents, event(2, "issue", "2024-09-27")) }, "/statusEvents/1", fault.StatusIllegalTransition},
		{"seq", func(s *doc) { s.StatusEvents[0].Seq = 2 }, "/statusEvents/0", fault.StatusSeqConflict},
		{"event before the one it follows", func(s *doc) {
			s.StatusEvents = append(s.StatusEvents, event(2, "amend", "2025-02-01"), event(3, "amend", "2025-01-31"))
		}, "/statusEvents/2", fault.StatusIllegalTransition},
		{"replaces without an event of its own", func(s *doc) { s.Replaces = attestation.DigestOf(nil) }, "/statusEvents/0/event", fault.StatusIllegalTransition},
		{"withdrawn without reason", func(s *doc) {
			s.StatusEvents = append(s.StatusEvents, event(2, "withdraw", "2025-01-01"))
			s.StatusEvents[1].Reason = nil
		}, "/statusEvents/1/reason", fault.SchemaMissingField},
		{"superseded by nothing", func(s *doc) {
			s.StatusEvents = append(s.StatusEvents, event(2, "supersede", "2025-01-01"))
			s.StatusEvents[1].SupersededBy = nil
		}, "/statusEvents/1/supersededBy", fault.SchemaMissingField},
		{"corrected for another reason", func(s *doc) {
			s.StatusEvents = append(s.StatusEvents, event(2, "correct", "2025-01-01"))
			s.StatusEvents[1].ReasonCode.Code = "because"
		}, "/statusEvents/1/reasonCode/code", fault.SchemaFormat},
		{"relation", func(s *doc) { s.Relations = []attestation.Relation{{Type: "likes", Target: target()}} }, "/relations/0/type", fault.SchemaFormat},
		{"relation to a digest", func(s *doc) {
			s.Relations = []attestation.Relation{{Type: "basedOn", Target: attestation.Target{Digest: "sha-256:zz"}}}
		}, "/relations/0/target", fault.SchemaFormat},
		{"relation without number", func(s *doc) {
			s.Relations = []attestation.Relation{{Type: "basedOn", Target: attestation.Target{Issuer: "a", Scheme: "b"}}}
		}, "/relations/0/target/number", fault.SchemaMissingField},
		{"link", func(s *doc) {
			s.Evidence = []attestation.Evidence{{Link: attestation.Link{URL: "/x"}, Purpose: "other"}}
		}, "/evidence/0/url", fault.SchemaFormat},
		{"purpose", func(s *doc) {
			s.Evidence = []attestation.Evidence{{Link: attestation.Link{URL: "https://x.example/"}, Purpose: "fun"}}
		}, "/evidence/0/purpose", fault.SchemaFormat},
		{"trustmark", func(s *doc) {
			s.Trustmarks = []attestation.Trustmark{{Name: texts("CCC"), MediaType: "image/png", Data: "!!!!"}}
		}, "/trustmarks/0/data", fault.SchemaFormat},
		{"route of a product", func(s *doc) { s.Route = &attestation.Route{ExportCountry: "CN"} }, "/route", fault.SchemaFormat},
		{"extension name", func(s *doc) { s.Extensions = []attestation.Extension{{URI: "x/y", Value: []byte(`{}`)}} }, "/extensions/x~1y", fault.SchemaFormat},
		{"extension with a number", func(s *doc) {
			s.Extensions = []attestation.Extension{{URI: "urn:x", Value: []byte(`{"a":"1","b":[2]}`)}}
		}, "/extensions/urn:x", fault.SchemaType},
		{"extension with a control", func(s *doc) {
			s.Extensions = []attestation.Extension{{URI: "urn:x", Value: []byte(`"\u0001"`)}}
		}, "/extensions/urn:x", fault.SchemaForbiddenChar},
		{"extension twice", func(s *doc) {
			s.Extensions = []attestation.Extension{{URI: "urn:x", Value: []byte(`""`)}, {URI: "urn:x", Value: []byte(`""`)}}
		}, "/extensions/urn:x", fault.SchemaDuplicateField},
		{"residual", func(s *doc) {
			s.Residual = []attestation.Residual{{Format: "dcc", Path: "/a", Kind: "raw", Fragment: "\x02"}}
		}, "/residual/0/fragment", fault.SchemaForbiddenChar},
	} {
		s := valid()
		c.change(s)
		findings, _ := s.Validate(now())
		if len(findings) != 1 || findings[0].At != c.at || findings[0].Code != c.want {
			t.Errorf("%s: %v, want %s at %s", c.name, findings, c.want, c.at)
		}
	}
}

// noZh gives every other text of the document a Chinese version too, so that the
// missing use is the one finding.
func noZh(s *attestation.Submission) {
	zh := attestation.Text{Lang: "zh", Value: "x"}
	s.Issuer.Name = append(s.Issuer.Name, zh)
	s.Parties[0].Name = append(s.Parties[0].Name, zh)
	s.Objects[0].Name = append(s.Objects[0].Name, zh)
}

func qty(v attestation.Dec) attestation.Qty {
	return attestation.Qty{Name: "voltage", Value: v, Unit: attestation.Code{System: "unece.rec20", Code: "VLT"}}
}

func target() attestation.Target {
	return attestation.Target{Issuer: "cb", Scheme: "x", Number: "N1"}
}

func TestValidate_acceptsWhatTheRulesAllow(t *testing.T) {
	t.Parallel()
	s := valid()
	s.Identifiers[0].Value = "2002990708000001"
	s.IssueNumber = "2"
	s.Description = texts("line one\nline two\twith a tab")
	s.Parties[0].Country = "EU"
	s.Parties = append(s.Parties, attestation.Party{Role: "factory", Ref: "certificationBody"})
	s.Objects[0].Origin = "XK"
	s.Objects = append(s.Objects, attestation.Object{Type: "consignment", Name: texts("Box")})
	s.Objects[0].Ratings = []attestation.Qty{qty("-14.40")}
	s.Route = &attestation.Route{ExportCountry: "HK", Transit: []attestation.Economy{"MO", "TW"}}
	s.Dates.Expires.Value = "2029-09-25T24:00:00+08:00"
	s.Results = []attestation.Result{
		{Qty: qty("1")}, {Qty: attestation.Qty{Name: "colour"}, Text: texts("red")}, {Qty: attestation.Qty{Name: "grade"}, Score: "A"},
	}
	s.Extensions = []attestation.Extension{{URI: "urn:x", Value: []byte(`{"-1":["1",true,null],"line":"a\nb\t\"1\""}`)}}
	s.Trustmarks = []attestation.Trustmark{{Name: texts("CCC"), MediaType: "image/svg+xml", Data: "aGk="}}
	s.Relations = []attestation.Relation{{Type: "basedOn", Target: target()}, {Type: "supersedes", Target: attestation.Target{Digest: attestation.DigestOf(nil)}}}
	s.Residual = []attestation.Residual{{Format: "dcc", Path: "/a", Kind: "empty"}, {Format: "dcc", Path: "/b", Kind: "raw", Fragment: "a\r\nb"}}
	s.StatusEvents = append(s.StatusEvents, event(2, "suspend", "2025-01-01"), event(3, "restore", "2025-01-01"), event(4, "cancel", "2031-01-01"))
	if errs, warns := s.Validate(now()); len(errs)+len(warns) > 0 {
		t.Errorf("findings %v, warnings %v", errs, warns)
	}
}

func TestValidate_findsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	s := valid()
	s.Kind = "x"
	s.Title[0].Value = "a\nb"
	s.Dates.Expires = datep("2020-01-01")
	s.Objects[0].Classifications[0].Code = "1"
	s.StatusEvents[0].Event = "x"
	findings, _ := s.Validate(now())
	want := map[string]fault.Code{
		"/kind": fault.SchemaFormat, "/title/0/value": fault.SchemaForbiddenChar, "/dates/expires": fault.DocDateOrder,
		"/objects/0/classifications/0/code": fault.SchemaFormat, "/statusEvents/0/event": fault.SchemaFormat,
	}
	if got := codes(findings); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if l := fault.All(attestation.Err(findings)); len(l) != len(want) || l[0].At == "" {
		t.Errorf("as an error: %v", l)
	}
}

func TestValidate_warnings(t *testing.T) {
	t.Parallel()
	s := valid()
	s.Dates.Issued.Zone = ""
	s.Parties[0].Contacts = []attestation.Contact{{Name: texts("Zhang San"), Email: "zhang@example.cn"}}
	s.Objects[0].Type = "person"
	errs, warns := s.Validate(now())
	want := map[string]fault.Code{
		"/dates/issued/zone": fault.WarnDateZone, "/parties/0/contacts/0": fault.WarnPersonalData, "/objects/0": fault.WarnPersonalData,
	}
	if len(errs) > 0 || !maps.Equal(codes(warns), want) {
		t.Errorf("findings %v, warnings %v", errs, warns)
	}
	if attestation.Err(warns) != nil {
		t.Error("a warning became an error")
	}
}

func TestValidate_everyMandatoryLanguage(t *testing.T) {
	t.Parallel()
	s := valid()
	s.Languages = &attestation.Languages{Used: []string{"en", "zh-CN"}, Mandatory: []string{"zh"}}
	findings, _ := s.Validate(now())
	want := map[string]fault.Code{
		"/title": fault.SchemaFormat, "/issuer/name": fault.SchemaFormat, "/parties/0/name": fault.SchemaFormat, "/objects/0/name": fault.SchemaFormat,
	}
	if got := codes(findings); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestValidate_boundsItsFindings(t *testing.T) {
	t.Parallel()
	s := valid()
	s.Marking = make([]string, 5_000)
	if findings, _ := s.Validate(now()); len(findings) != attestation.MaxFindings {
		t.Errorf("%d findings", len(findings))
	}
}
