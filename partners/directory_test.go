package partners_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"accord/attestation"
	"accord/partners"
	"accord/signing"
)

func cnBody() *partners.Partner { return body("cn-cb", partners.CertificationBody, "CN") }

func TestDirectory_isEmptyAtFirst(t *testing.T) {
	t.Parallel()
	s := partners.NewDirectory().Latest()
	if _, ok := s.Partner("cn-cb", at); ok || len(s.Partners(at)) > 0 || s.Index() != 0 || !s.NextBoundary(at).IsZero() || s.Trust("cn-cb", at) != nil {
		t.Error("something is in an empty directory")
	}
	if _, _, ok := s.Entry(targetOf(cnBody()), at); ok {
		t.Error("an entry is in an empty directory")
	}
	if got := s.Audience(partners.AudienceQuestion{Issuer: "cn-cb", Sender: "cn-cb", At: at}); !slices.Equal(got, []attestation.PartnerID{"cn-cb"}) {
		t.Errorf("audience %v", got)
	}
}

func TestDirectory_CheckFollowsTheLastChange(t *testing.T) {
	t.Parallel()
	r := newRegister(t)
	first := r.propose(cnBody(), "2026-01-01")
	r.apply(first)
	second := r.propose(cnBody(), "2026-02-01")
	rival := r.propose(cnBody(), "2026-03-01")
	wantError(t, r.Latest().Check(first), "registry.conflict /seq")
	r.apply(second)
	wantError(t, r.Latest().Check(rival), "registry.conflict /seq")

	other := newRegister(t)
	changed := cnBody()
	changed.Relay = true
	other.put(changed, "2026-01-01")
	wantError(t, other.Latest().Check(second), "registry.conflict /prev")
	wantError(t, newRegister(t).Latest().Check(second), "registry.conflict /seq")
}

func TestDirectory_endingATarget(t *testing.T) {
	t.Parallel()
	r := newRegister(t, cnBody())
	target := targetOf(cnBody())
	r.end(target, "2026-01-01")
	s := r.Latest()
	if _, ok := s.Partner("cn-cb", day("2025-12-31")); !ok {
		t.Error("the partner is gone before its end")
	}
	if _, ok := s.Partner("cn-cb", at); ok {
		t.Error("the partner is there after its end")
	}
	again, err := partners.NewChange(gatewayIssuer, target, nil, at, s.Last(target))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, r.Latest().Check(again), "registry.conflict /body")
	nothing, err := partners.NewChange(gatewayIssuer, partners.Target{Kind: partners.TargetSanction, ID: "s-1"}, nil, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, r.Latest().Check(nothing), "registry.conflict /body")
	r.put(cnBody(), "2026-06-01") // it may come back
	if _, ok := r.Latest().Partner("cn-cb", at); !ok {
		t.Error("the partner did not come back")
	}
}

// effective is obeyed: a change that is recorded today may hold from next month
// on, and an urgent one replaces it.
func TestDirectory_obeysEffective(t *testing.T) {
	t.Parallel()
	r := newRegister(t, cnBody())
	renamed, urgent := cnBody(), cnBody()
	renamed.Name, urgent.Name = english("renamed"), english("urgent")
	scheduled := r.put(renamed, "2026-07-01")
	name := func(s *partners.Snapshot, on string) string {
		p, ok := s.Partner("cn-cb", day(on))
		if !ok {
			return "none"
		}
		return p.Name[0].Value
	}
	s := r.Latest()
	for on, want := range map[string]string{"1999-12-31": "none", "2000-01-01": "cn-cb", "2026-06-30": "cn-cb", "2026-07-01": "renamed"} {
		if got := name(s, on); got != want {
			t.Errorf("on %s: %s, want %s", on, got, want)
		}
	}
	if got := s.NextBoundary(at); !got.Equal(day("2026-07-01")) {
		t.Errorf("next boundary %v", got)
	}
	r.put(urgent, "2026-06-15")
	for on, want := range map[string]string{"2026-06-14": "cn-cb", "2026-06-15": "urgent", "2026-07-02": "urgent"} {
		if got := name(r.Latest(), on); got != want {
			t.Errorf("after the urgent change, on %s: %s, want %s", on, got, want)
		}
	}
	if got := name(r.AsOf(scheduled+1), "2026-07-02"); got != "renamed" {
		t.Errorf("as known before the urgent change: %s", got)
	}
}

func TestDirectory_AsOfIsByLedgerSize(t *testing.T) {
	t.Parallel()
	r := newRegister(t)
	first := r.put(cnBody(), "2026-01-01")
	relay := cnBody()
	relay.Relay = true
	second := r.put(relay, "2026-01-01")
	for k, want := range map[uint64]string{0: "none", first: "none", first + 1: "plain", second: "plain", second + 1: "relay", second + 1000: "relay"} {
		got := "none"
		s := r.AsOf(k)
		if p, ok := s.Partner("cn-cb", at); ok {
			got = map[bool]string{false: "plain", true: "relay"}[p.Relay]
		}
		if got != want {
			t.Errorf("as of %d: %s, want %s", k, got, want)
		}
	}
	if r.AsOf(second+1) != r.Latest() || r.AsOf(second) != r.AsOf(first+1) {
		t.Error("the same knowledge is not the same snapshot")
	}
	index, digest, ok := r.AsOf(second).Entry(targetOf(relay), at)
	if !ok || index != first || digest != r.Latest().History(targetOf(relay))[0].Change.Digest() {
		t.Errorf("entry %d %s %v", index, digest, ok)
	}
	history := r.Latest().History(targetOf(relay))
	if len(history) != 2 || history[1].Index != second || !history[1].Recorded.Equal(at) || history[1].Change.Seq != 2 {
		t.Errorf("history %v", history)
	}
}

func TestDirectory_appliesAnIndexOnce(t *testing.T) {
	t.Parallel()
	r := newRegister(t)
	c := r.propose(cnBody(), "2026-01-01")
	r.Apply(3, at, c)
	r.Apply(3, at, c)
	r.Apply(2, at, r.propose(cnBody(), "2026-01-01"))
	if n := len(r.Latest().History(c.Target)); n != 1 || r.Latest().Index() != 3 {
		t.Errorf("%d changes, index %d", n, r.Latest().Index())
	}
}

// A snapshot that was taken does not see what comes after it.
func TestSnapshot_isImmutable(t *testing.T) {
	t.Parallel()
	r := newRegister(t, cnBody())
	old := r.Latest()
	for range 20 {
		p := cnBody()
		p.Relay = true
		r.put(p, "2026-01-01")
		r.put(body("nz-cb-"+string(rune('a'+r.next/10%26)), partners.Lab, "NZ"), "2026-01-01")
	}
	if p, _ := old.Partner("cn-cb", at); p.Relay || len(old.Partners(at)) != 1 || len(old.History(targetOf(p))) != 1 {
		t.Error("an old snapshot changed")
	}
}

func TestDirectory_oneOwner(t *testing.T) {
	t.Parallel()
	key, _ := newKey(t, signing.UseDoc)
	mine := cnBody()
	mine.Trust = partners.Trust{Issuer: "https://gw.example.cn", DIDs: []string{"did:web:a.cn"}, Keys: []partners.Key{key}}
	for name, row := range map[string]struct {
		edit func(p *partners.Partner)
		want string
	}{
		"identifier":          {func(p *partners.Partner) { p.Identifiers = []attestation.Identifier{id("x", "1"), id("test", "cn-cb")} }, "registry.conflict /body/identifiers/1"},
		"gateway":             {func(p *partners.Partner) { p.Trust.Issuer = "https://gw.example.cn" }, "registry.conflict /body/trust/issuer"},
		"DID":                 {func(p *partners.Partner) { p.Trust.DIDs = []string{"did:web:a.cn"} }, "registry.conflict /body/trust/dids/0"},
		"DID as identifier":   {func(p *partners.Partner) { p.Identifiers = []attestation.Identifier{id("did", "did:web:a.cn")} }, "registry.conflict /body/identifiers/0"},
		"key":                 {func(p *partners.Partner) { p.Trust.Keys = []partners.Key{key} }, "registry.conflict /body/trust/keys/0"},
		"everything at once":  {func(p *partners.Partner) { p.Identifiers, p.Trust = mine.Identifiers, mine.Trust }, "registry.conflict /body/identifiers/0; registry.conflict /body/trust/dids/0; registry.conflict /body/trust/issuer; registry.conflict /body/trust/keys/0"},
		"nothing in common":   {func(p *partners.Partner) {}, ""},
		"other letter case":   {func(p *partners.Partner) { p.Identifiers = []attestation.Identifier{id("test", "CN-CB")} }, ""},
		"value of two halves": {func(p *partners.Partner) { p.Identifiers = []attestation.Identifier{id("test:cn-cb", "")} }, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegister(t, mine)
			p := body("nz-cb", partners.CertificationBody, "NZ")
			row.edit(p)
			if row.want == "invalid" {
				if p.Validate() == nil {
					t.Error("accepted")
				}
				return
			}
			err := r.Latest().Check(r.propose(p, "2026-01-01"))
			if row.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, row.want)
		})
	}
}

// What a partner gave up, another may have from then on, and not before.
func TestDirectory_ownershipMoves(t *testing.T) {
	t.Parallel()
	old, heir := cnBody(), body("cn-new", partners.CertificationBody, "CN")
	shared := id("cn.cnca.approval", "CNCA-R-2002-001")
	old.Identifiers = append(old.Identifiers, shared)
	r := newRegister(t, old)
	r.put(cnBody(), "2026-05-01") // without the number
	heir.Identifiers = append(heir.Identifiers, shared)
	wantError(t, r.Latest().Check(r.propose(heir, "2026-04-30")), "registry.conflict /body/identifiers/1")
	r.put(heir, "2026-05-01")
	for on, want := range map[string]attestation.PartnerID{"2026-04-30": "cn-cb", "2026-05-01": "cn-new"} {
		if got, err := r.Latest().Owner([]attestation.Identifier{shared}, day(on)); err != nil || got != want {
			t.Errorf("on %s: %s, %v", on, got, err)
		}
	}
	wantError(t, r.Latest().Check(r.propose(old, "2026-06-01")), "registry.conflict /body/identifiers/1")
}

func TestSnapshot_Owner(t *testing.T) {
	t.Parallel()
	cn, nz := cnBody(), body("nz-cb", partners.CertificationBody, "NZ")
	cn.Identifiers = append(cn.Identifiers, id("gln", "1"))
	cn.Trust.DIDs = []string{"did:web:cb.example.cn"}
	s := newRegister(t, cn, nz).Latest()
	for name, row := range map[string]struct {
		ids  []attestation.Identifier
		want attestation.PartnerID
	}{
		"one":                 {[]attestation.Identifier{id("test", "cn-cb")}, "cn-cb"},
		"two of one":          {[]attestation.Identifier{id("test", "cn-cb"), id("gln", "1")}, "cn-cb"},
		"DID of its keys":     {[]attestation.Identifier{id("did", "did:web:cb.example.cn")}, "cn-cb"},
		"one of nobody":       {[]attestation.Identifier{id("x", "y"), id("test", "cn-cb")}, "cn-cb"},
		"one of another":      {[]attestation.Identifier{id("test", "cn-cb"), id("test", "nz-cb")}, ""},
		"none registered":     {[]attestation.Identifier{id("x", "y")}, ""},
		"prefix":              {[]attestation.Identifier{id("test", "cn-c")}, ""},
		"value of other name": {[]attestation.Identifier{id("gln", "cn-cb")}, ""},
		"none":                {nil, ""},
	} {
		got, err := s.Owner(row.ids, at)
		if got != row.want || (err == nil) != (row.want != "") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err != nil {
			wantError(t, err, "issuer.mismatch /issuer/identifiers")
		}
	}
}

func TestSnapshot_PartnerByIssuerURL(t *testing.T) {
	t.Parallel()
	cn := cnBody()
	cn.Trust.Issuer = "https://gw.example.cn"
	s := newRegister(t, cn, body("nz-cb", partners.Lab, "NZ")).Latest()
	if got, ok := s.PartnerByIssuerURL("https://gw.example.cn", at); !ok || got != "cn-cb" {
		t.Errorf("%s %v", got, ok)
	}
	for _, other := range []string{"", "https://gw.example.cn/", "https://GW.example.cn"} {
		if got, ok := s.PartnerByIssuerURL(other, at); ok {
			t.Errorf("%q is %s", other, got)
		}
	}
}

func TestPartner_status(t *testing.T) {
	t.Parallel()
	p := cnBody()
	p.Status = append(p.Status, partners.StatusSpan{Span: partners.Span{From: day("2026-01-01"), Until: day("2026-02-01")}, Status: "suspended"})
	for on, want := range map[string]string{"1999-12-31": "", "2025-12-31": "active", "2026-01-01": "suspended", "2026-02-01": "active"} {
		if got := p.StatusAt(day(on)); got != want || p.ActiveAt(day(on)) != (want == "active") {
			t.Errorf("on %s: %q, want %q", on, got, want)
		}
	}
}

// NextBoundary stops at everything that is dated.
func TestSnapshot_NextBoundary(t *testing.T) {
	t.Parallel()
	p := cnBody()
	p.Status[0].Until = day("2027-01-01")
	p.ActsFor = []partners.ActsFor{{Issuer: "cn-lab", Periods: []partners.Span{{From: day("2026-08-01"), Until: day("2026-09-01")}}}}
	a := treaty("cn-nz", "CN", "NZ")
	a.Period.Terminated = day("2026-10-01")
	a.Suspensions = []partners.Suspension{{Target: "party", ID: "NZ", From: day("2026-07-01")}}
	a.Scopes[0].Periods = []partners.Span{{From: day("2008-10-01"), Until: day("2026-11-01")}}
	a.Parties[0].Periods = []partners.Span{{From: day("2008-10-01"), Until: day("2026-12-01")}}
	d := &partners.Designation{ID: "d-1", Body: "cn-cb", Basis: "approval", DesignatedBy: "cn-da",
		Periods: []partners.StatusSpan{{Span: partners.Span{From: day("2026-06-15")}, Status: "active"}}}
	x := &partners.Sanction{ID: "s-1", Target: partners.SanctionTarget{Kind: "body", ID: "cn-cb"}, List: "l", Authority: "nz-r", Reason: english("r"),
		Periods: []partners.Span{{From: day("2027-02-01")}}}
	s := newRegister(t, p, a, d, x).Latest()
	var got []string
	for b := s.NextBoundary(at); !b.IsZero(); b = s.NextBoundary(b) {
		got = append(got, b.Format(time.DateOnly))
	}
	want := []string{"2026-06-15", "2026-07-01", "2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01", "2026-12-01", "2027-01-01", "2027-02-01"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestDirectory_concurrentUse(t *testing.T) {
	t.Parallel()
	r := newRegister(t, cnBody(), treaty("cn-nz", "CN", "NZ"))
	names := []string{"nz-a", "nz-b", "nz-c", "nz-d", "nz-e", "nz-f", "nz-g", "nz-h"}
	var changes []*partners.Change
	for _, n := range names {
		changes = append(changes, r.propose(body(n, partners.Lab, "NZ"), "2026-01-01"))
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 300 {
				s := r.Latest()
				if i == 3 {
					s = r.AsOf(uint64(j % 120))
				}
				seen := len(s.Partners(at))
				q := partners.AudienceQuestion{Issuer: "cn-cb", Sender: "cn-cb", Kind: attestation.Certification, At: at.Add(time.Duration(j) * time.Hour)}
				if got := len(s.Audience(q)); seen > 0 && got != seen && s.Index() >= 20 {
					t.Errorf("%d partners, audience of %d", seen, got)
					return
				}
				s.Trust("cn-cb", q.At)
				s.NextBoundary(q.At)
				_ = s.CheckDestinations(q, []string{"AU"})
			}
		})
	}
	wg.Go(func() {
		for i, c := range changes {
			r.Apply(uint64(100+i), at, c)
		}
	})
	wg.Wait()
	if got := len(r.Latest().Partners(at)); got != 1+len(names) {
		t.Errorf("%d partners", got)
	}
}
