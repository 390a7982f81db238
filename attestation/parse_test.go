package attestation_test

import (
	"reflect"
	"testing"
	"time"

	"accord/attestation"
	"accord/internal/fault"

	"golang.org/x/text/language"
)

func TestDateV_startAndEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d          attestation.DateV
		start, end string
	}{
		{date("2029-09-25"), "2029-09-24T16:00:00Z", "2029-09-25T16:00:00Z"},
		{attestation.DateV{Value: "2029-09-25", Zone: "+08:00", Inclusive: attestation.False}, "2029-09-24T16:00:00Z", "2029-09-24T16:00:00Z"},
		{attestation.DateV{Value: "2029-09-25"}, "2029-09-25T00:00:00Z", "2029-09-26T00:00:00Z"},
		{attestation.DateV{Value: "2028-02-29", Zone: "-03:30"}, "2028-02-29T03:30:00Z", "2028-03-01T03:30:00Z"},
		{attestation.DateV{Value: "2029-09-25T24:00:00+08:00"}, "2029-09-25T16:00:00Z", "2029-09-25T16:00:00Z"},
		{attestation.DateV{Value: "2029-09-25T10:00:00.123456789999-14:00"}, "2029-09-26T00:00:00.123456789Z", "2029-09-26T00:00:00.123456789Z"},
		{attestation.DateV{Value: "2029-09-25T10:00:00Z", Inclusive: attestation.True}, "2029-09-25T10:00:00Z", "2029-09-25T10:00:00Z"},
	} {
		start, err1 := c.d.Start()
		end, err2 := c.d.End()
		if err1 != nil || err2 != nil || !start.Equal(instant(c.start)) || !end.Equal(instant(c.end)) {
			t.Errorf("%v: %s to %s (%v, %v)", c.d, start, end, err1, err2)
		}
	}
}

func TestDateV_refusesWhatIsNoDate(t *testing.T) {
	t.Parallel()
	for _, v := range []string{"", "0000-00-00", "2025-02-29", "2025-00-01", "2025-13-01", "2025-04-31", "2025-1-01", "20250101", "长期有效",
		"2025-01-01 ", " 2025-01-01", "2025-01-01Z", "2025-01-01T00:00:00", "2025-01-01T00:00Z", "2025-01-01T24:00:01Z", "2025-01-01T25:00:00Z",
		"2025-01-01T00:60:00Z", "2025-01-01T00:00:60Z", "2025-01-01T00:00:00.Z", "2025-01-01T00:00:00+14:01", "2025-01-01T00:00:00+08",
		"2025-01-01t00:00:00z", "-2025-01-01", "2025-01-01T00:00:00+08:00Z", "２０２５-01-01"} {
		if _, err := (attestation.DateV{Value: v}).Start(); fault.CodeOf(err) != fault.DocDateInvalid {
			t.Errorf("%q: %v", v, err)
		}
	}
	if _, err := (attestation.DateV{Value: "2025-01-01", Zone: "CST"}).Start(); fault.CodeOf(err) != fault.SchemaFormat {
		t.Errorf("zone: %v", err)
	}
}

func TestReadDate_takesWhatRegistersWrite(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]attestation.DateV{
		"2017-12-01":                {Value: "2017-12-01", Zone: "+08:00"},
		"20170103":                  {Value: "2017-01-03", Zone: "+08:00", Lexical: "20170103"},
		"2017-01-03T10:00:00-03:00": {Value: "2017-01-03T10:00:00-03:00"},
	} {
		if got, open, err := attestation.ReadDate(in, "+08:00"); err != nil || open || got != want {
			t.Errorf("%s: %+v, %v, %v", in, got, open, err)
		}
	}
	for _, in := range []string{"", "0000-00-00", "00000000", "长期有效"} {
		if got, open, err := attestation.ReadDate(in, ""); err != nil || !open || got != (attestation.DateV{}) {
			t.Errorf("%q: %+v, %v, %v", in, got, open, err)
		}
	}
	for _, in := range []string{"20170230", "2017-1-3", "long", "2017/01/03"} {
		if _, _, err := attestation.ReadDate(in, ""); fault.CodeOf(err) != fault.DocDateInvalid {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestActDate_isDecidedElseChangedElseIssued(t *testing.T) {
	t.Parallel()
	s := valid()
	for _, step := range []struct {
		change func()
		want   string
	}{
		{func() {}, "2024-09-25T16:00:00Z"},
		{func() { s.Dates.Changed = datep("2025-03-10") }, "2025-03-09T16:00:00Z"},
		{func() { s.Dates.Decided = datep("2025-03-01") }, "2025-02-28T16:00:00Z"},
	} {
		step.change()
		if got := s.ActDate(); !got.Equal(instant(step.want)) {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"cn": true, "cn-example-cb": true, "0a": true, "a": false, "-a": false, "CN": false, "a_b": false, "": false,
		"a234567890123456789012345678901234567890123456789012345678901234": false} {
		if id, err := attestation.ParsePartnerID(s); (err == nil) != want || want && string(id) != s {
			t.Errorf("partner %q: %v", s, err)
		}
		if _, err := attestation.ParseAgreementID(s); (err == nil) != want {
			t.Errorf("agreement %q: %v", s, err)
		}
	}
	for s, want := range map[string]bool{"att_wsxqratkgg7cbn5a3nc3smak6nphbio5": true, "att_Wsxqratkgg7cbn5a3nc3smak6nphbio5": false,
		"att_": false, "att_1sxqratkgg7cbn5a3nc3smak6nphbio5": false} {
		if _, err := attestation.ParseID(s); (err == nil) != want {
			t.Errorf("id %q: %v", s, err)
		}
	}
	d := attestation.DigestOf([]byte("abc"))
	if d != "sha-256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("digest %s", d)
	}
	if sum, ok := d.Sum(); !ok || attestation.DigestFrom(sum) != d {
		t.Error("Sum and DigestFrom are not inverse")
	}
	for _, s := range []string{"", "sha-256:", string(d[:70]), "sha-256:BA" + string(d[10:]), "sha-512:" + string(d[8:])} {
		if _, err := attestation.ParseDigest(s); err == nil {
			t.Errorf("digest %q was read", s)
		}
	}
	if id, err := attestation.ParsePartnerURN(attestation.PartnerID("cn-cb").URN()); err != nil || id != "cn-cb" {
		t.Errorf("URN: %s, %v", id, err)
	}
	if _, err := attestation.ParsePartnerURN("https://cn-cb"); err == nil {
		t.Error("a URL was read as a partner's URN")
	}
	if got := (attestation.Identifier{Scheme: "cn.cnca.ccc", Value: "1"}).URN(); got != "urn:accord:id:cn.cnca.ccc:1" {
		t.Errorf("identifier URN %s", got)
	}
}

func TestParseStandard(t *testing.T) {
	t.Parallel()
	type std = attestation.Standard
	for s, want := range map[string]std{
		"GB 4706.1-2005":                {Body: "GB", Number: "4706", Part: "1", Year: 2005},
		"GB 4706.1":                     {Body: "GB", Number: "4706", Part: "1"},
		"GB  4706.7-2014":               {Body: "GB", Number: "4706", Part: "7", Year: 2014},
		"GB 9706.1-88":                  {Body: "GB", Number: "9706", Part: "1", Year: 1988},
		"GB/T 19001-2016/ISO 9001:2015": {Body: "GB/T", Number: "19001", Year: 2016, Same: []std{{Body: "ISO", Number: "9001", Year: 2015}}},
		"IEC 60335-1":                   {Body: "IEC", Number: "60335", Part: "1"},
		"IEC 60335-2-40:2018+AMD1:2022": {Body: "IEC", Number: "60335", Part: "2-40", Year: 2018, Extra: "+AMD1:2022"},
		"ISO/IEC 17025:2017":            {Body: "ISO/IEC", Number: "17025", Year: 2017},
		"EN ISO 13485:2016":             {Body: "EN ISO", Number: "13485", Year: 2016},
		"AS/NZS 60335.1:2020":           {Body: "AS/NZS", Number: "60335", Part: "1", Year: 2020},
		"UL 60335-2-40":                 {Body: "UL", Number: "60335", Part: "2-40"},
		"ISO 9001:2015/Amd 1:2024":      {Body: "ISO", Number: "9001", Year: 2015, Extra: "/Amd 1:2024"},
		"EN 60335-1:2012/A11:2014":      {Body: "EN", Number: "60335", Part: "1", Year: 2012, Extra: "/A11:2014"},
		"ISO 9001":                      {Body: "ISO", Number: "9001"},
		"IEC 61000-2005":                {Body: "IEC", Number: "61000", Part: "2005"},
	} {
		got, ok := attestation.ParseStandard(s)
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v (%v)", s, got, ok)
		}
	}
	for _, s := range []string{"", "GB", "4706.1", "gb 4706.1", "GB 4706.", "GB 4706.1:20", "GB -1", "ISO 9001:2015/", "<b>1"} {
		if got, ok := attestation.ParseStandard(s); ok {
			t.Errorf("%q: %+v", s, got)
		}
	}
	a, _ := attestation.ParseStandard("GB 4706.1-1998")
	b, _ := attestation.ParseStandard("GB 4706.1-2005")
	c, _ := attestation.ParseStandard("IEC 60335-1:2010")
	if !a.SameWork(b) || a.SameWork(c) || b.ID() != "GB 4706.1" || b.Edition() != "2005" || c.ID() != "IEC 60335-1" {
		t.Error("SameWork, ID or Edition")
	}
}

func TestValidLanguage(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"zh-CN": true, "zh-Hans-CN": true, "en": true, "und": true, "sr-Latn-RS": true, "es-419": true, "de-1996": true,
		"x-accord": true, "en-x-abc": true, "zh-cn": false, "ZH": false, "zh_CN": false, "zh-hans": false, "EN": false, "": false, "e": false,
		"en-": false, "-en": false, "english": false, "zh--CN": false, "qz": false} {
		check(t, "language", attestation.ValidLanguage, s, want)
	}
}

// The table of economies is held against the registry of x/text, which gives
// alpha-3 and numeric codes.
func TestEconomies_agreeWithTheRegistry(t *testing.T) {
	t.Parallel()
	all := attestation.Economies()
	if len(all) != 250 { // 249 entries of ISO 3166-1, and XK
		t.Errorf("%d economies", len(all))
	}
	for _, e := range all {
		r, err := language.ParseRegion(string(e))
		if err != nil || !r.IsCountry() {
			t.Errorf("%s: %v", e, err)
			continue
		}
		if e == "XK" {
			continue // user-assigned: its alpha-3 code differs between users
		}
		if got, err := attestation.ParseEconomy(r.ISO3()); err != nil || got != e {
			t.Errorf("%s: %s is %s (%v)", e, r.ISO3(), got, err)
		}
		code := string(append([]byte(nil), byte('0'+r.M49()/100), byte('0'+r.M49()/10%10), byte('0'+r.M49()%10)))
		if got, err := attestation.ParseEconomy(code); err != nil || got != e {
			t.Errorf("%s: %s is %s (%v)", e, code, got, err)
		}
	}
	for s, want := range map[attestation.Economy]bool{"CN": true, "HK": true, "MO": true, "TW": true, "XK": true, "EU": false, "UK": false, "cn": false, "CHN": false, "": false} {
		if s.Valid() != want {
			t.Errorf("%s: %v", s, !want)
		}
	}
	if !attestation.EU.ValidParty() {
		t.Error("EU may be a party")
	}
	if got, err := attestation.ParseEconomy("156"); err != nil || got != "CN" {
		t.Errorf("156: %s, %v", got, err)
	}
	label, ok := attestation.Economy("HK").Label()
	if !ok || label[0].Value != "Hong Kong, China" || label[1].Value != "中国香港" {
		t.Errorf("label %v", label)
	}
	if _, ok := attestation.Economy("CN").Label(); ok {
		t.Error("CN has no fixed label")
	}
}

func TestEnumerations(t *testing.T) {
	t.Parallel()
	words := attestation.EnumKind.Words()
	words[0] = "changed"
	if !attestation.Certification.Valid() || attestation.Kind("changed").Valid() {
		t.Error("Words gives away its table")
	}
	events := attestation.EnumEvent.Words()
	for i, ev := range attestation.Events() {
		if events[i] != string(ev) || !ev.Valid() {
			t.Errorf("%s is not in the vocabulary", ev)
		}
	}
	if attestation.Enumeration(200).Has("x") || attestation.Event("revoke").Valid() || !attestation.ThirdParty.Valid() || !attestation.Compulsory.Valid() {
		t.Error("Has or Valid")
	}
}

func FuzzDateV(f *testing.F) {
	for _, s := range []string{"2025-01-01", "2025-01-01T24:00:00+14:00", "2025-01-01T00:00:00.123Z", ""} {
		f.Add(s, "+08:00")
	}
	f.Fuzz(func(t *testing.T, value, zone string) {
		d := attestation.DateV{Value: value, Zone: zone}
		start, err := d.Start()
		if err != nil {
			return
		}
		end, err := d.End()
		if err != nil || end.Before(start) || end.Sub(start) > 24*time.Hour {
			t.Errorf("%q: %s to %s, %v", value, start, end, err)
		}
		// What we read as an instant the library reads alike, where it can.
		if theirs, err := time.Parse(time.RFC3339Nano, value); err == nil && !theirs.Equal(start) {
			t.Errorf("%q: %s, the library says %s", value, start, theirs)
		}
	})
}

func FuzzParseStandard(f *testing.F) {
	for _, s := range []string{"GB 4706.1-2005", "GB/T 19001-2016/ISO 9001:2015", "IEC 60335-2-40:2018+AMD1:2022"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		std, ok := attestation.ParseStandard(s)
		if !ok {
			return
		}
		again, ok := attestation.ParseStandard(std.ID())
		if !ok || !again.SameWork(std) {
			t.Errorf("%q: %q is read as %+v (%v)", s, std.ID(), again, ok)
		}
	})
}

func FuzzIdentifiers(f *testing.F) {
	for _, s := range []string{"914403001922038216", "09520123456788", "2024010708696171", "zh-Hans-CN", "5493001KJTIIGC8Y1R12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if attestation.ValidUSCC(s) && !attestation.ValidOrgCode(s[8:17]) {
			t.Error("a USCC without organisation code")
		}
		if g, ok := attestation.GTIN14(s); ok && (!attestation.ValidGTIN(g) || len(g) != 14) {
			t.Errorf("GTIN %s becomes %s", s, g)
		}
		if n, ok := attestation.ParseCCC(s); ok && (n.Year < 2002 || len(n.Body)+len(n.Class)+len(n.Serial) != 12) {
			t.Errorf("%+v", n)
		}
		if attestation.ValidLanguage(s) && len(s) > 64 || attestation.ValidLEI(s) && len(s) != 20 {
			t.Errorf("%q passes", s)
		}
		doc := valid()
		doc.Identifiers[0] = attestation.Identifier{Scheme: s, Value: s}
		doc.Title[0] = attestation.Text{Lang: s, Value: s}
		doc.Extensions = []attestation.Extension{{URI: s, Value: []byte(s)}}
		doc.Validate(now())
	})
}
