package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"accord/attestation"
	"accord/client"
	"accord/formats/native"
	"accord/gateway/api"
	"accord/signing"
)

// part is one row of the report.
type part struct {
	name string
	run  func(floor) (benchResult, error)
}

func (w *benchWorld) parts(c *benchCmd) []part {
	ingest := func(name string, xml bool, clients int) part {
		return part{name, func(f floor) (benchResult, error) { return w.ingest(c, f, name, xml, clients) }}
	}
	all := map[string][]part{
		"json":    {ingest(fmt.Sprintf("ingest JSON, %d clients", c.Clients), false, c.Clients)},
		"xml":     {ingest(fmt.Sprintf("ingest XML, %d clients", c.Clients), true, c.Clients)},
		"batch":   {{"batch", func(f floor) (benchResult, error) { return w.batch(c, f) }}},
		"single":  {{"single", func(f floor) (benchResult, error) { return w.single(c, f) }}},
		"read":    {{"read", func(floor) (benchResult, error) { return w.read(c) }}},
		"feed":    {{"feed", func(floor) (benchResult, error) { return w.feed(c) }}},
		"restart": {{"restart", func(floor) (benchResult, error) { return w.restart(c) }}},
	}
	if c.Mix != "all" {
		return all[c.Mix]
	}
	out := append(all["json"], ingest("ingest JSON, 16 clients", false, 16))
	for _, mix := range []string{"xml", "batch", "single", "read", "feed"} {
		out = append(out, all[mix]...)
	}
	return out
}

// documents is how many documents a part may use: more than this machine could
// take in that time.
func (c *benchCmd) documents(clients int) int {
	if c.Documents > 0 {
		return c.Documents
	}
	perSecond := 8000
	if clients == 1 {
		perSecond = 2500
	}
	return max(int(c.Duration.Seconds()*float64(perSecond)), 4*batchLines)
}

// signed is a document ready to be sent.
type signed struct {
	body []byte
	sig  string // JWS-Signature of an XML body
}

// sign prepares documents on all cores, so that the load does not pay for
// signatures that its clients would make elsewhere.
func (w *benchWorld) sign(n int, xml bool) ([]signed, error) {
	out := make([]signed, n)
	first := w.serial
	w.serial += n
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for core := range cores {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := core; i < n && failed.Load() == nil; i += cores {
				var err error
				if out[i], err = w.signOne(first+i, xml); err != nil {
					failed.Store(&err)
				}
			}
		}()
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return out, nil
}

func (w *benchWorld) signOne(serial int, xml bool) (signed, error) {
	sub := *w.sub
	sub.Identifiers = []attestation.Identifier{{Scheme: "example.number", Value: w.number(serial)}}
	h := signing.Header{Typ: signing.TypAttestation, Cty: signing.CtyJSON, IssuedAt: time.Now()}
	if xml {
		h.Cty = signing.CtyXML
		body := native.AppendXML(nil, &sub)
		sig, err := w.doc.SignDetached(body, h)
		return signed{body, sig}, err
	}
	jws, err := w.doc.Sign(native.AppendJSON(nil, &sub), h)
	return signed{body: jws}, err
}

func created(status int) bool { return status == http.StatusCreated }

// ingest sends documents one by one and counts until the views have them.
func (w *benchWorld) ingest(c *benchCmd, f floor, name string, xml bool, clients int) (benchResult, error) {
	m, catchUp, size, err := w.submit(c, xml, clients)
	if err != nil {
		return benchResult{}, err
	}
	rate := float64(m.count) / (m.took + catchUp).Seconds()
	return benchResult{
		Name: name, Rate: rate, Ratio: rate / f.verify, Of: ofV, P50: percentile(m.times, 0.5), P99: percentile(m.times, 0.99),
		Note: fmt.Sprintf("%d documents of %d octets in %.1f s; found %.2f s later", m.count, size, m.took.Seconds(), catchUp.Seconds()),
	}, nil
}

func (w *benchWorld) submit(c *benchCmd, xml bool, clients int) (m measured, catchUp time.Duration, size int, err error) {
	docs, err := w.sign(c.documents(clients), xml)
	if err != nil {
		return m, 0, 0, err
	}
	token, err := w.bearer()
	if err != nil {
		return m, 0, 0, err
	}
	var n atomic.Int64
	last := atomic.Int64{}
	m, err = load(w.url, clients, c.Duration, created, func() []byte {
		i := n.Add(1) - 1
		if i >= int64(len(docs)) {
			return nil
		}
		last.Store(i)
		header := map[string]string{"Content-Type": "application/jose"}
		if xml {
			header = map[string]string{"Content-Type": "application/xml", "JWS-Signature": docs[i].sig}
		}
		return request("POST", "/v1/attestations", token, header, docs[i].body)
	})
	if err != nil || c.Peer != "" {
		return m, 0, len(docs[0].body), err
	}
	start := time.Now()
	err = w.caughtUp(w.serial - len(docs) + int(last.Load()))
	return m, time.Since(start), len(docs[0].body), err
}

// number is unlike that of any other run, so that a gateway which has been
// loaded before does not answer with what it has.
func (w *benchWorld) number(serial int) string { return w.prefix + strconv.Itoa(serial) }

// caughtUp asks a search for the last document. The archive answers it also
// from what the views have not taken in yet: it says when the document is
// found, not when the views are written.
func (w *benchWorld) caughtUp(serial int) error {
	token, err := w.bearer()
	if err != nil {
		return err
	}
	c, err := dial(w.url)
	if err != nil {
		return err
	}
	defer c.c.Close()
	status, _, err := c.do(request("GET", "/v1/attestations?number="+w.number(serial), token, nil, nil), io.Discard)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("search answered %d", status)
	}
	return err
}

// single measures one client alone against the disk's own sync.
func (w *benchWorld) single(c *benchCmd, f floor) (benchResult, error) {
	m, _, _, err := w.submit(c, false, 1)
	if err != nil {
		return benchResult{}, err
	}
	p50 := percentile(m.times, 0.5)
	return benchResult{Name: "ingest JSON, one client", Rate: m.rate(), Ratio: p50 / f.sync, Of: ofSync, P50: p50, P99: percentile(m.times, 0.99)}, nil
}

// batchLines is how many documents one batch carries.
const batchLines = 1000

func (w *benchWorld) batch(c *benchCmd, f floor) (benchResult, error) {
	docs, err := w.sign(c.documents(c.Clients), false)
	if err != nil {
		return benchResult{}, err
	}
	token, err := w.bearer()
	if err != nil {
		return benchResult{}, err
	}
	var n, accepted atomic.Int64
	lines := func(body []byte) error {
		accepted.Add(batchLines)
		return allAccepted(body)
	}
	m, err := loadChecked(w.url, 2, c.Duration, func(s int) bool { return s == http.StatusOK }, lines, func() []byte {
		from := int(n.Add(batchLines)) - batchLines
		if from+batchLines > len(docs) {
			n.Add(-batchLines)
			return nil
		}
		return batchRequest(token, docs[from:from+batchLines])
	})
	if err != nil {
		return benchResult{}, err
	}
	start := time.Now()
	if err := w.caughtUp(w.serial - len(docs) + int(n.Load()) - 1); err != nil {
		return benchResult{}, err
	}
	rate := float64(accepted.Load()) / (m.took + time.Since(start)).Seconds()
	return benchResult{
		Name: "ingest batch of 1,000 lines, 2 clients", Rate: rate, Ratio: rate / f.verify, Of: ofV,
		Note: fmt.Sprintf("%d documents in %.1f s, each answered 201", accepted.Load(), m.took.Seconds()),
	}, nil
}

// batchRequest makes the lines of one batch.
func batchRequest(token string, docs []signed) []byte {
	var b bytes.Buffer
	for _, d := range docs {
		b.WriteByte('"')
		b.Write(d.body)
		b.WriteString("\"\n")
	}
	return request("POST", "/v1/messages:batch", token, map[string]string{"Content-Type": "application/x-ndjson"}, b.Bytes())
}

// allAccepted reads the answers to a batch: it answers 200 whatever became of
// its lines.
func allAccepted(body []byte) error {
	if got := bytes.Count(body, []byte(`"status":201`)); got != batchLines {
		return fmt.Errorf("%d of %d lines were accepted", got, batchLines)
	}
	return nil
}

// read compares point reads with a static handler of the same size behind the
// same router.
func (w *benchWorld) read(c *benchCmd) (benchResult, error) {
	docs, err := w.sign(200, false)
	if err != nil {
		return benchResult{}, err
	}
	who, err := w.body.identity(false)
	if err != nil {
		return benchResult{}, err
	}
	cl, err := client.New(w.url, w.issuer, who, nil)
	if err != nil {
		return benchResult{}, err
	}
	token, err := w.bearer()
	if err != nil {
		return benchResult{}, err
	}
	var requests [][]byte
	var body []byte
	for _, d := range docs {
		acc, err := cl.Submit(context.Background(), d.body, "application/jose", "")
		if err != nil {
			return benchResult{}, err
		}
		if body, err = cl.Document(context.Background(), acc.ID, "application/json"); err != nil {
			return benchResult{}, err
		}
		requests = append(requests, request("GET", "/v1/attestations/"+acc.ID, token, nil, nil))
	}
	ok := func(s int) bool { return s == http.StatusOK }
	var n atomic.Int64
	next := func() []byte { return requests[int(n.Add(1))%len(requests)] }
	m, err := load(w.url, 16, c.Duration, ok, next)
	if err != nil {
		return benchResult{}, err
	}
	url, stop, err := staticServer(body)
	if err != nil {
		return benchResult{}, err
	}
	defer stop()
	static, err := load(url, 16, c.Duration, ok, next)
	if err != nil {
		return benchResult{}, err
	}
	return benchResult{Name: "point read, 16 clients", Rate: m.rate(), Ratio: m.rate() / static.rate(), Of: "static handler", P50: percentile(m.times, 0.5), P99: percentile(m.times, 0.99)}, nil
}

// staticServer answers every document with the same octets. It runs in this
// process, as the clients do, which is in its favour.
func staticServer(body []byte) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	s := &http.Server{Handler: api.Static(body), ReadHeaderTimeout: time.Second}
	go func() { _ = s.Serve(l) }()
	return "http://" + l.Addr().String(), func() { _ = s.Close() }, nil
}

// feed reads pages of 1,000 records from the beginning, again and again.
func (w *benchWorld) feed(c *benchCmd) (benchResult, error) {
	who, err := w.body.identity(false)
	if err != nil {
		return benchResult{}, err
	}
	cl, err := client.New(w.url, w.issuer, who, nil)
	if err != nil {
		return benchResult{}, err
	}
	token, err := w.bearer()
	if err != nil {
		return benchResult{}, err
	}
	var pages [][]byte
	var records int
	for cursor := ""; len(pages) < 200; {
		page, err := cl.Changes(context.Background(), client.FeedQuery{Cursor: cursor, Limit: 1000})
		if err != nil {
			return benchResult{}, err
		}
		if len(page.Lines) < 1000 {
			break
		}
		pages = append(pages, request("GET", "/v1/changes?limit=1000&cursor="+cursor, token, map[string]string{"Accept": "application/x-ndjson"}, nil))
		records += len(page.Lines)
		cursor = page.Next
	}
	if len(pages) == 0 {
		return benchResult{Name: "feed, pages of 1,000", Note: "fewer than 1,000 records: run the ingest parts first"}, nil
	}
	var n atomic.Int64
	m, err := load(w.url, 2, c.Duration, func(s int) bool { return s == http.StatusOK }, func() []byte { return pages[int(n.Add(1))%len(pages)] })
	if err != nil {
		return benchResult{}, err
	}
	return benchResult{Name: "feed, pages of 1,000 records, 2 clients", Rate: m.rate() * 1000, P50: percentile(m.times, 0.5), P99: percentile(m.times, 0.99), Note: "records/s"}, nil
}
