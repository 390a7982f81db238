package wiretest

import (
	"net"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// link is one connection of a driver and its own one to the server.
type link struct {
	proxy          *Proxy
	member         *member
	client, server net.Conn
}

// exchange carries one command and its answer, and reports whether the
// connection goes on.
func (l *link) exchange(request *message) bool {
	c := commandOf(request)
	note, fault := l.proxy.note(&c, l.member.index)
	begin := time.Now()
	answer, ok := l.act(&c, request, fault)
	if ok && answer != nil && !c.Unacknowledged {
		_, err := l.client.Write(answer.encode())
		ok = err == nil
	}
	l.proxy.mu.Lock()
	defer l.proxy.mu.Unlock()
	note.Duration = time.Since(begin)
	if ok && answer != nil {
		note.finishWith(answer.body)
	}
	return ok
}

// act follows the action of a fault. No answer means silence; not ok means
// that the connection ends.
func (l *link) act(c *Command, request *message, fault *Fault) (answer *message, ok bool) {
	if fault == nil {
		answer, err := l.apply(c, request)
		return answer, err == nil
	}
	do := fault.rule.Do
	if !l.wait(do, fault) {
		return nil, false
	}
	if !do.Lose {
		var err error
		if answer, err = l.applyBut(c, request, do.Fail); err != nil {
			return nil, false
		}
	}
	if do.HoldAnswer && !l.hold(fault) {
		return nil, false
	}
	if do.Cut {
		return nil, false
	}
	if do.Reply != nil {
		answer = request.answer(encode(do.Reply))
	}
	if do.Code != 0 {
		answer = request.answer(failure(do.Code, c))
	}
	if do.Concern != 0 && answer != nil {
		answer.body = with(answer.body, concern(do.Concern, c)...)
	}
	return answer, true
}

// wait does what comes before the server sees a command.
func (l *link) wait(do Action, fault *Fault) bool {
	if do.Delay > 0 {
		select {
		case <-time.After(do.Delay):
		case <-l.proxy.done:
			return false
		}
	}
	return !do.Hold || l.hold(fault)
}

func (l *link) hold(fault *Fault) bool {
	select {
	case <-fault.released:
		return true
	case <-l.proxy.done:
		return false
	}
}

// applyBut applies a bulk without some of its documents.
func (l *link) applyBut(c *Command, request *message, fail map[int]int) (*message, error) {
	if len(fail) == 0 || len(request.sequences) == 0 {
		return l.apply(c, request)
	}
	less := *request
	less.sequences = append([]sequence(nil), request.sequences...)
	left, places := thin(request.documents(), fail)
	less.sequences[0].docs = left
	answer := request.answer(encode(bson.D{{Key: "n", Value: int32(0)}, {Key: "ok", Value: 1.0}}))
	if len(left) > 0 {
		var err error
		if answer, err = l.apply(c, &less); err != nil {
			return nil, err
		}
	}
	answer.body = merge(answer.body, c.Bulk, fail, places)
	return answer, nil
}

// apply answers what a replica set answers: by the server, but for what only a
// member of a set knows.
func (l *link) apply(c *Command, request *message) (*message, error) {
	switch {
	case c.Name == "hello":
		answer, err := l.forward(request, without(request.body, "compression", "topologyVersion", "maxAwaitTimeMS"))
		if err != nil {
			return nil, err
		}
		answer.body = l.proxy.hello(l.member, answer.body)
		return answer, nil
	case l.proxy.opt.Standalone:
		return l.forward(request, request.body)
	case c.Name == "replSetGetConfig":
		return request.answer(l.proxy.config()), nil
	case c.Name == "endSessions": // FerretDB has no sessions to end
		return request.answer(encode(bson.D{{Key: "ok", Value: 1.0}})), nil
	}
	if code := l.proxy.refusal(l.member, c); code != 0 {
		return request.answer(failure(code, c)), nil
	}
	answer, err := l.forward(request, plain(request.body))
	if err != nil {
		return nil, err
	}
	at := l.proxy.tick()
	answer.body = with(answer.body, bson.E{Key: "operationTime", Value: at}, bson.E{Key: "$clusterTime", Value: clusterTime(at)})
	return answer, nil
}

// forward sends a message on with another body and returns the answer.
func (l *link) forward(request *message, body bson.Raw) (*message, error) {
	m := *request
	m.body = body
	if m.op == opMsg {
		// The server answers each message once, whatever the driver wants.
		m.flags &^= flagExhaustAllowed | flagMoreToCome
	}
	if _, err := l.server.Write(m.encode()); err != nil {
		return nil, err
	}
	return readMessage(l.server)
}
