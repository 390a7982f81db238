package gateway

import (
	"context"
	"slices"
	"time"

	"accord/attestation"
	"accord/internal/fault"
	"accord/ledger"
	"accord/storage"
)

// SearchQuery asks for documents by what is printed on them; every member that
// is given must match.
type SearchQuery struct {
	Number, Issuer, Holder, Product, Standard string
	Status                                    string // effective, now
	IssuedFrom, IssuedTo                      string // YYYY-MM-DD
	Cursor                                    string
	Limit                                     int
}

// SearchPage is a page of hits, newest first.
type SearchPage struct {
	Items []SearchHit `json:"items"`
	Next  string      `json:"next,omitempty"`
}

// SearchHit is one series.
type SearchHit struct {
	ID       attestation.ID        `json:"id"`
	Revision int                   `json:"revision"`
	Kind     attestation.Kind      `json:"kind"`
	Scheme   string                `json:"scheme"`
	Number   string                `json:"number"`
	Issuer   attestation.PartnerID `json:"issuer"`
	Issued   string                `json:"issued"`
	Expires  *attestation.DateV    `json:"expires,omitempty"`
	Status   attestation.Status    `json:"status"`
	Index    uint64                `json:"index"`
	Content  attestation.Digest    `json:"content"`
}

func (q SearchQuery) terms() []string {
	var out []string
	for _, t := range []struct {
		field byte
		value string
	}{
		{storage.TermNumber, q.Number}, {storage.TermIssuer, q.Issuer}, {storage.TermHolder, q.Holder},
		{storage.TermProduct, q.Product}, {storage.TermStandard, q.Standard},
	} {
		if t.value != "" {
			out = append(out, storage.Term(t.field, t.value))
		}
	}
	return out
}

// Search finds documents within what the caller may see; only heads count.
func (g *Gateway) Search(ctx context.Context, caller Caller, q SearchQuery) (SearchPage, error) {
	if q.Status != "" && !slices.Contains(searchable, attestation.Status(q.Status)) {
		return SearchPage{}, fault.At(fault.SchemaFormat, "/status", "status is one of valid, suspended, withdrawn, cancelled, superseded, expired, pending")
	}
	for name, day := range map[string]string{"/issued_from": q.IssuedFrom, "/issued_to": q.IssuedTo} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return SearchPage{}, fault.At(fault.DocDateInvalid, name, "a date is written as 2026-01-31")
		}
	}
	terms := q.terms()
	query := ""
	for _, t := range append(terms, q.Status, q.IssuedFrom, q.IssuedTo) {
		query += t + "\x00"
	}
	start, err := g.cfg.Cursors.open(caller.Partner, "search", query, q.Cursor)
	if err != nil {
		return SearchPage{}, err
	}
	before := uint64(1 << 62)
	if q.Cursor != "" {
		before = start.After
	}
	page := SearchPage{Items: []SearchHit{}}
	var failed error
	_, next, err := g.archive.Search(ctx, storage.ReaderOf(caller.Partner), terms, before, q.Limit, func(e *storage.Entry) bool {
		if failed != nil || e.Kind != ledger.KindAttestation || !q.issued(e.Fields.Issued) {
			return false
		}
		hit, head, err := g.hit(ctx, e)
		if err != nil {
			failed = err
			return false
		}
		if !head || (q.Status != "" && string(hit.Status) != q.Status) {
			return false
		}
		page.Items = append(page.Items, hit)
		return true
	})
	if err != nil {
		return SearchPage{}, err
	}
	if failed != nil {
		return SearchPage{}, failed
	}
	if next > 0 {
		page.Next = g.cfg.Cursors.seal(caller.Partner, "search", query, position{After: next})
	}
	return page, nil
}

var searchable = []attestation.Status{
	attestation.Valid, attestation.Suspended, attestation.Withdrawn, attestation.Cancelled,
	attestation.Superseded, attestation.Expired, attestation.Pending,
}

func (q SearchQuery) issued(day string) bool {
	return (q.IssuedFrom == "" || day >= q.IssuedFrom) && (q.IssuedTo == "" || day <= q.IssuedTo)
}

// hit reads what a result shows and says whether the entry is the head of its
// series.
func (g *Gateway) hit(ctx context.Context, e *storage.Entry) (SearchHit, bool, error) {
	m, err := g.moment(ctx)
	if err != nil {
		return SearchHit{}, false, err
	}
	series, err := g.archive.Series(ctx, e.Key)
	if err != nil {
		return SearchHit{}, false, err
	}
	s, err := g.standingOf(ctx, series, series.Size, m.snap)
	if err != nil || !s.exists() || s.headEntry.Index != e.Index {
		return SearchHit{}, false, err
	}
	sub := s.head.submission
	return SearchHit{
		ID: s.id, Revision: s.headRec.Revision, Kind: sub.Kind, Scheme: sub.Identifiers[0].Scheme, Number: sub.Identifiers[0].Value,
		Issuer: e.Issuer, Issued: sub.Dates.Issued.Value, Expires: sub.Dates.Expires, Status: s.facts(m.now).Effective,
		Index: e.Index, Content: s.headRec.Content,
	}, true, nil
}
