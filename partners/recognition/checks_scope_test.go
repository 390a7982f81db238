package recognition_test

import (
	"accord/attestation"
	"accord/partners"
	"accord/partners/recognition"
)

func scopeRows() []row {
	return []row{
		{"S01", pass, "kind, activity, regime and scheme", nothing},
		{"S01", pass, "open scope", func(s *scenario) {
			sc := s.scope()
			sc.Kinds, sc.Activities, sc.Regimes, sc.Schemes = nil, nil, nil, nil
		}},
		{"S01", fail, "other kind", func(s *scenario) { s.Document.Kind = attestation.InspectionReport }},
		{"S01", fail, "a declaration is no certification", func(s *scenario) { s.Document.Kind, s.scope().Kinds = attestation.Declaration, nil }},
		{"S01", pass, "a declaration that the scope names", func(s *scenario) {
			s.Document.Kind = attestation.Declaration
			s.scope().Kinds = []attestation.Kind{attestation.Declaration}
		}},
		{"S01", fail, "other regime", func(s *scenario) { s.Document.Regime = "voluntary" }},
		{"S01", unk, "regime unspecified", func(s *scenario) { s.Document.Regime = "unspecified" }},
		{"S01", fail, "other scheme", func(s *scenario) { s.Document.Scheme.ID = "voluntary-mark" }},
		{"S01", unk, "no scheme", func(s *scenario) { s.Document.Scheme = nil }},
		{"S01", fail, "no scope at all", func(s *scenario) { s.agreements[0].Scopes = nil }},
		{"S01", fail, "scope younger than the act", func(s *scenario) {
			s.scope().Periods = []partners.Span{{From: date("2025-01-01")}}
		}},

		{"S02", pass, "in the range", nothing},
		{"S02", pass, "under a prefix", func(s *scenario) { s.scope().Products[0].Include = []string{"07"} }},
		{"S02", pass, "below the last code of the range", func(s *scenario) {
			s.Document.Objects[0].Classifications[0].Code = "071803"
		}},
		{"S02", fail, "outside the range", func(s *scenario) { s.Document.Objects[0].Classifications[0].Code = "0101" }},
		{"S02", fail, "excluded", func(s *scenario) { s.Document.Objects[0].Classifications[0].Code = "0717" }},
		{"S02", fail, "one object is outside", func(s *scenario) {
			o := s.Document.Objects[0]
			o.Classifications = []attestation.Code{{System: catalogue, Code: "0901"}}
			s.Document.Objects = append(s.Document.Objects, o)
		}},
		{"S02", unk, "no code", func(s *scenario) { s.Document.Objects[0].Classifications = nil }},
		{"S02", unk, "another edition", func(s *scenario) {
			s.Document.Objects[0].Classifications[0].System = "cn.cnca.catalogue/SAMR-2023-36"
		}},
		{"S02", unk, "outside by one system, no code in the other", func(s *scenario) {
			s.Document.Objects[0].Classifications[0].Code = "0101"
			s.scope().Products = append(s.scope().Products, partners.Products{System: "wco.hs/2022", Include: []string{"8508"}})
		}},
		{"S02", never, "no list of products", func(s *scenario) { s.scope().Products = nil }},

		{"S03", pass, "pair and edition", nothing},
		{"S03", pass, "any edition", func(s *scenario) {
			s.scope().Requirements[0].From.Editions = nil
			s.Document.Requirements[0].Edition = "1998"
		}},
		{"S03", pass, "mutual scope read from the other side", func(s *scenario) {
			s.scope().Direction = partners.Direction{}
			s.Document.Requirements[0] = attestation.Requirement{Type: "standard", ID: "AS/NZS 60335.1", Edition: "2011"}
		}},
		{"S03", fail, "not among the standards", func(s *scenario) { s.Document.Requirements[0].ID = "GB 4343.1" }},
		{"S03", fail, "one of two not among the standards", func(s *scenario) {
			s.Document.Requirements = append(s.Document.Requirements, attestation.Requirement{Type: "standard", ID: "GB 4706.7", Edition: "2014"})
		}},
		{"S03", fail, "other edition", func(s *scenario) { s.Document.Requirements[0].Edition = "1998" }},
		{"S03", unk, "no edition", func(s *scenario) { s.Document.Requirements[0].Edition = "" }},
		{"S03", unk, "no requirement", func(s *scenario) { s.Document.Requirements = nil }},
		{"S03", cond, "deviation without result", func(s *scenario) {
			s.scope().Requirements[0].Deviations = []partners.Deviation{{ID: "plug", Text: english("plug"), ResultName: "plug"}}
		}},
		{"S03", pass, "deviation with result", func(s *scenario) {
			s.scope().Requirements[0].Deviations = []partners.Deviation{{ID: "plug", Text: english("plug"), ResultName: "plug"}}
			s.Document.Assessments[0].Results = []attestation.Result{{Qty: attestation.Qty{Name: "plug"}, Text: english("as AS/NZS 3112")}}
		}},
		{"S03", cond, "partly assessed", func(s *scenario) { s.Document.Requirements[0].Partial = attestation.True }},
		{"S03", cond, "national differences not tested", func(s *scenario) { s.scope().Conditions.NationalDifferences = true }},
		{"S03", pass, "national differences tested", func(s *scenario) {
			s.scope().Conditions.NationalDifferences = true
			s.Document.Requirements[0].NationalDifferences = []string{"AU", "NZ"}
		}},
		{"S03", never, "no list of standards", func(s *scenario) { s.scope().Requirements = nil }},

		{"S04", pass, "none named, list complete", nothing},
		{"S04", pass, "listed", func(s *scenario) { s.Facts.Model = "RX2" }},
		{"S04", fail, "not listed", func(s *scenario) { s.Facts.Model = "RX3" }},
		{"S04", unk, "not listed, list incomplete", func(s *scenario) {
			s.Facts.Model, s.Document.Objects[0].ModelsComplete = "RX3", attestation.False
		}},
		{"S04", unk, "named, no list", func(s *scenario) {
			s.Facts.Model = "RX3"
			s.Document.Objects[0].Models, s.Document.Objects[0].ModelsComplete = nil, attestation.Unset
		}},
		{"S04", cond, "none named, list incomplete", func(s *scenario) { s.Document.Objects[0].ModelsComplete = attestation.False }},
		{"S04", never, "no list and none named", func(s *scenario) {
			s.Document.Objects[0].Models, s.Document.Objects[0].ModelsComplete = nil, attestation.Unset
		}},

		{"S05", pass, "in the list", nothing},
		{"S05", pass, "every purpose", func(s *scenario) { s.scope().Purposes, s.Purpose = nil, recognition.Tender }},
		{"S05", fail, "not in the list", func(s *scenario) { s.Purpose = recognition.Tender }},
		{"S05", never, "no scope", func(s *scenario) { s.agreements[0].Scopes = nil }},

		{"S06", pass, "product", nothing},
		{"S06", fail, "service", func(s *scenario) { s.Document.Objects[0].Type = "service" }},
		{"S06", never, "no list of types", func(s *scenario) { s.scope().ObjectTypes = nil }},
	}
}

func bodyRows() []row {
	return []row{
		{"D01", pass, "designated", nothing},
		{"D01", pass, "designated for no agreement in particular", func(s *scenario) { s.designations[0].Agreement = "" }},
		{"D01", fail, "designated by somebody else", func(s *scenario) {
			s.designations[0].Agreement, s.designations[0].DesignatedBy = "", "nz-regulator"
		}},
		{"D01", fail, "not designated", func(s *scenario) { s.designations = nil }},
		{"D01", fail, "for another agreement", func(s *scenario) { s.designations[0].Agreement = "other" }},
		{"D01", fail, "for another scope", func(s *scenario) { s.designations[0].ScopeIDs = []string{"other"} }},
		{"D01", fail, "for another activity", func(s *scenario) { s.designations[0].Activities = []string{"testing"} }},
		{"D01", fail, "only after the act", func(s *scenario) { s.designations[0].Periods[0].From = date("2025-01-01") }},
		{"D01", fail, "not any more", func(s *scenario) { s.designations[0].Periods[0].Until = date("2025-01-01") }},
		{"D01", pass, "not any more, earlier results kept", func(s *scenario) {
			s.designations[0].Periods[0].Until = date("2025-01-01")
			s.agreements[0].Rules.EarlierResults = "keep"
		}},
		{"D01", fail, "suspended under the agreement", suspension("body", "cn-cb", "")},
		{"D01", pass, "suspended later, earlier results kept", suspension("body", "cn-cb", "keep")},
		{"D01", fail, "suspended at the act date", func(s *scenario) {
			suspension("body", "cn-cb", "keep")(s)
			s.agreements[0].Suspensions[0].From = date("2024-01-01")
		}},
		{"D01", unk, "act date cannot be read", func(s *scenario) {
			s.Document.Dates.Decided = &attestation.DateV{Value: "sometime"}
		}},
		{"D01", pass, "scheme: issuing member", asScheme},
		{"D01", fail, "scheme: recognising member", func(s *scenario) {
			asScheme(s)
			s.agreements[0].Parties[0].Role = "recognising"
		}},
		{"D01", fail, "scheme: member no more", func(s *scenario) {
			asScheme(s)
			s.agreements[0].Parties[0].Periods = []partners.Span{{Until: date("2025-01-01")}}
		}},
		{"D01", never, "mla", asMLA},

		{"D02", never, "no accreditation asked for", nothing},
		{"D02", pass, "mla: accredited by a signatory", asMLA},
		{"D02", fail, "mla: accreditation was suspended", func(s *scenario) {
			asMLA(s)
			s.Known.Accreditations[0].Status = attestation.Suspended
		}},
		{"D02", fail, "mla: signatory only later", func(s *scenario) {
			asMLA(s)
			s.agreements[0].Parties[0].Periods = []partners.Span{{From: date("2025-01-01")}}
		}},
		{"D02", unk, "mla: scheme not covered", func(s *scenario) {
			asMLA(s)
			s.Known.Accreditations[0].Covers = []string{"other"}
		}},
		{"D02", unk, "mla: status of the accreditation not known", func(s *scenario) {
			asMLA(s)
			s.Known.Accreditations[0].Status = attestation.Unknown
		}},
		{"D02", unk, "an arrangement is asked for, no accreditation known", func(s *scenario) {
			s.scope().Conditions.AccreditedBy = "cn-nz"
		}},
		{"D02", unk, "an unknown arrangement is asked for", func(s *scenario) { s.scope().Conditions.AccreditedBy = "nowhere" }},
		{"G03", unk, "mla: no accreditation known", func(s *scenario) {
			// The issuer's economy makes the arrangement a candidate.
			asMLA(s)
			s.agreements[0].Parties = append(s.agreements[0].Parties, partners.AgreementParty{Economy: "CN", Role: "observer"})
			s.Known.Accreditations = nil
		}},

		{"D03", pass, "no sanction", nothing},
		{"D03", pass, "sanction on somebody else", sanction("body", "cn-da", "")},
		{"D03", fail, "body sanctioned", sanction("body", "cn-cb", "")},
		{"D03", fail, "holder sanctioned", sanction("holder", "cn.uscc:91440300MA5DEM012D", "")},
		{"D03", pass, "body sanctioned, earlier results kept", sanction("body", "cn-cb", "keep")},
		{"D03", fail, "body suspended in the directory", func(s *scenario) {
			s.partners[0].Status = []partners.StatusSpan{{Span: partners.Span{From: date("1990-01-01")}, Status: "suspended"}}
		}},
	}
}

func conditionRows() []row {
	no := false
	return []row{
		{"C01", pass, "made in China", nothing},
		{"C01", pass, "assembled in New Zealand", func(s *scenario) { s.Facts.Origin, s.Facts.AssembledIn = "VN", "NZ" }},
		{"C01", pass, "the document states the origin", func(s *scenario) { s.Facts.Origin, s.Document.Objects[0].Origin = "", "CN" }},
		{"C01", fail, "made elsewhere", func(s *scenario) { s.Facts.Origin = "VN" }},
		{"C01", unk, "not stated", func(s *scenario) { s.Facts.Origin = "" }},
		{"C01", never, "no condition", func(s *scenario) { s.scope().Conditions.Origin = nil }},

		{"C02", pass, "direct", nothing},
		{"C02", cond, "not stated", func(s *scenario) { s.Facts.ShippedDirect = nil }},
		{"C02", cond, "not direct", func(s *scenario) { s.Facts.ShippedDirect = &no }},
		{"C02", cond, "from elsewhere", func(s *scenario) { s.Facts.ShippedFrom = "SG" }},
		{"C02", never, "no condition", func(s *scenario) { s.scope().Conditions.DirectShipment = false }},

		{"C03", pass, "the report comes along", nothing},
		{"C03", cond, "the report is to be presented", func(s *scenario) { s.Facts.Companions = nil }},
		{"C03", fail, "the document names no report", func(s *scenario) { s.Document.Evidence = nil }},
		{"C03", fail, "the document gives no digest", func(s *scenario) { s.Document.Evidence[0].Digests = nil }},
		{"C03", never, "no companion asked for", func(s *scenario) { s.agreements[0].Rules.RequireCompanions = nil }},

		{"C04", pass, "young", nothing},
		{"C04", fail, "old", func(s *scenario) { s.agreements[0].Rules.MaxDocumentAge = "24h" }},
		{"C04", never, "no limit", func(s *scenario) { s.agreements[0].Rules.MaxDocumentAge = "" }},

		{"C05", pass, "in English", nothing},
		{"C05", pass, "the document says that it is in English", func(s *scenario) {
			s.Document.Objects[0].Name[0].Lang = "zh-CN"
			s.Document.Languages = &attestation.Languages{Used: []string{"zh-CN", "en-NZ"}}
		}},
		{"C05", cond, "only in Chinese", func(s *scenario) { s.Document.Objects[0].Name[0].Lang = "zh-CN" }},
		{"C05", never, "no language asked for", func(s *scenario) { s.scope().Conditions.Language = "" }},

		{"C06", pass, "marked", nothing},
		{"C06", cond, "to be marked", func(s *scenario) { s.Document.Marking = nil }},
		{"C06", never, "no mark asked for", func(s *scenario) { s.scope().Conditions.Mark = "" }},

		{"C07", pass, "tested at home", nothing},
		{"C07", fail, "tested in a third country", func(s *scenario) { s.Document.Assessments[0].Body.Country = "VN" }},
		{"C07", fail, "tested by a partner of a third country", func(s *scenario) {
			s.Document.Assessments[0].Body = &attestation.Party{Identifiers: []attestation.Identifier{{Scheme: "test", Value: "vn-lab"}}}
		}},
		{"C07", pass, "tested by a party of the document", func(s *scenario) { s.Document.Assessments[0].Body = &attestation.Party{Ref: "client"} }},
		{"C07", unk, "tested by somebody", func(s *scenario) { s.Document.Assessments[0].Body.Country = "" }},
		{"C07", never, "third countries allowed", func(s *scenario) { s.agreements[0].Rules.ThirdCountryResults = true }},
	}
}
