package wiretest

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// setName is the name of the replica set that is played.
const setName = "accord"

// Nobody is the primary of a set without one.
const Nobody = -1

// Options say what the proxy plays.
type Options struct {
	Members          int          // of the replica set; 0: one
	Standalone       bool         // no replica set: the server's own hello
	NoJournalDefault bool         // writeConcernMajorityJournalDefault is false
	Hello            func(bson.M) // changes each answer to hello, last of all
	TLS              *tls.Config  // of the members; nil: none
}

// Proxy stands between a driver and a server. It is safe for concurrent use.
type Proxy struct {
	upstream string
	opt      Options
	members  []*member
	done     chan struct{} // closed at the end
	wg       sync.WaitGroup

	mu       sync.Mutex
	primary  int
	term     int
	clock    uint32 // part of operationTime that grows with every answer
	faults   []*Fault
	seq      int
	commands []*Command
	retries  map[string]bool // session and number of writes that were seen
	problems []string        // what no driver with the right options sends
}

// member is one address of the set.
type member struct {
	index int
	addr  string

	mu       sync.Mutex
	listener net.Listener // nil while the member is down
	clients  map[net.Conn]bool
	servers  map[net.Conn]bool
}

// Start starts a proxy before the server at an address (host:port). The test's
// end closes it.
func Start(tb testing.TB, upstream string, opt Options) *Proxy {
	tb.Helper()
	p := &Proxy{upstream: upstream, opt: opt, done: make(chan struct{}), term: 1, retries: map[string]bool{}}
	tb.Cleanup(p.close)
	for i := range max(1, opt.Members) {
		m := &member{index: i, addr: "127.0.0.1:0", clients: map[net.Conn]bool{}, servers: map[net.Conn]bool{}}
		p.members = append(p.members, m)
		if err := p.listen(m); err != nil {
			tb.Fatal(err)
		}
	}
	return p
}

// URI returns the connection string of the set.
func (p *Proxy) URI() string {
	if p.opt.Standalone {
		return "mongodb://" + p.members[0].addr + "/"
	}
	return "mongodb://" + strings.Join(p.hosts(), ",") + "/?replicaSet=" + setName
}

// Addr returns host and port of a member.
func (p *Proxy) Addr(member int) string { return p.members[member].addr }

// MovePrimary makes another member primary, or Nobody. Connections stay open,
// as they do when a MongoDB primary steps down.
func (p *Proxy) MovePrimary(member int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.primary = member
	p.term++
}

// Arm makes a rule act from now on.
func (p *Proxy) Arm(rule Rule) *Fault {
	if rule.Match == nil {
		rule.Match = Work
	}
	if rule.Times == 0 {
		rule.Times = 1
	}
	f := &Fault{rule: rule, released: make(chan struct{}), hit: make(chan struct{}, 1024)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, f)
	return f
}

// CutAll closes every connection; new ones are taken. What the server is doing
// then it does to the end.
func (p *Proxy) CutAll() {
	for _, m := range p.members {
		m.cut(false)
	}
}

// Down cuts the connections of members and refuses new ones.
func (p *Proxy) Down(members ...int) {
	for _, i := range members {
		p.members[i].down()
		p.members[i].cut(false)
	}
}

// Up ends a Down on the same ports.
func (p *Proxy) Up(members ...int) error {
	for _, i := range members {
		if err := p.listen(p.members[i]); err != nil {
			return err
		}
	}
	return nil
}

// Commands returns what was written down since the start or the last Reset, in
// order of arrival.
func (p *Proxy) Commands() Commands {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make(Commands, len(p.commands))
	for i, c := range p.commands {
		out[i] = *c
	}
	return out
}

// Reset forgets what was written down.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.commands = nil
}

func (p *Proxy) hosts() []string {
	hosts := make([]string, len(p.members))
	for i, m := range p.members {
		hosts[i] = m.addr
	}
	return hosts
}

// listen begins to take connections of a member.
func (p *Proxy) listen(m *member) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", m.addr)
	if err != nil {
		return fmt.Errorf("listen for member %d: %w", m.index, err)
	}
	m.listener, m.addr = l, l.Addr().String()
	if p.opt.TLS != nil {
		m.listener = tls.NewListener(l, p.opt.TLS)
	}
	l = m.listener
	p.wg.Go(func() { p.accept(m, l) })
	return nil
}

func (p *Proxy) accept(m *member, l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return // closed by Down or at the end
		}
		p.wg.Go(func() { p.serve(m, conn) })
	}
}

// serve carries the messages of one connection.
func (p *Proxy) serve(m *member, client net.Conn) {
	defer client.Close()
	if !m.add(m.clients, client) {
		return
	}
	defer m.remove(m.clients, client)
	server, err := net.Dial("tcp", p.upstream)
	if err != nil {
		return // the server is down: so is the connection
	}
	defer server.Close()
	if !m.add(m.servers, server) {
		return
	}
	defer m.remove(m.servers, server)
	l := &link{proxy: p, member: m, client: client, server: server}
	for {
		request, err := readMessage(client)
		if err != nil {
			p.complain(request, err)
			return
		}
		if !l.exchange(request) {
			return
		}
	}
}

// complain notes a message that should not have come; an ended connection is
// no reason.
func (p *Proxy) complain(m *message, err error) {
	if !errors.Is(err, errMalformed) {
		return
	}
	text := err.Error()
	if m != nil && m.op == opCompressed {
		text = "a compressed message, though no compression was agreed on"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, text)
}

// note writes a command down and returns the note and the fault that acts on
// it, if any.
func (p *Proxy) note(c *Command, member int) (*Command, *Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.Seq, c.At, c.Member, c.Primary = p.seq, time.Now(), member, member == p.primary
	p.seq++
	if c.TxnNumber != nil {
		key := fmt.Sprint(c.Session, *c.TxnNumber)
		c.Retry = p.retries[key]
		p.retries[key] = true
	}
	acting := p.actingOn(c)
	c.Injected = acting != nil
	note := *c
	note.Documents = nil // a load test would keep all it ever sent
	p.commands = append(p.commands, &note)
	return &note, acting
}

func (p *Proxy) actingOn(c *Command) *Fault {
	for _, f := range p.faults {
		if f.acts(c) {
			return f
		}
	}
	return nil
}

// state returns who is primary, in which term.
func (p *Proxy) state() (primary, term int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.primary, p.term
}

// tick returns the next operation time.
func (p *Proxy) tick() bson.Timestamp {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock++
	return bson.Timestamp{T: uint32(time.Now().Unix()), I: p.clock}
}

func (p *Proxy) close() {
	close(p.done)
	for _, m := range p.members {
		m.down()
		m.cut(true)
	}
	p.wg.Wait()
}

func (m *member) down() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listener != nil {
		_ = m.listener.Close()
		m.listener = nil
	}
}

// cut closes the connections of drivers, and at the end those to the server.
func (m *member) cut(servers bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for conn := range m.clients {
		_ = conn.Close()
	}
	if !servers {
		return
	}
	for conn := range m.servers {
		_ = conn.Close()
	}
}

// add keeps a connection, so that it can be cut. It reports false when the
// member went down after the connection was taken.
func (m *member) add(to map[net.Conn]bool, conn net.Conn) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listener == nil {
		return false
	}
	to[conn] = true
	return true
}

func (m *member) remove(from map[net.Conn]bool, conn net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(from, conn)
}
