package mongo

import (
	"errors"
	"net"
	"slices"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/v2/event"
)

// watch remembers what the driver's own checks found of each host.
type watch struct {
	mu      sync.Mutex
	hosts   map[string]string // address → kind in the deployment
	failing map[string]error  // address → last failure; none once it answered
}

func newWatch() *watch {
	return &watch{hosts: map[string]string{}, failing: map[string]error{}}
}

// monitor returns what the driver reports to.
func (w *watch) monitor() *event.ServerMonitor {
	return &event.ServerMonitor{
		TopologyDescriptionChanged: func(e *event.TopologyDescriptionChangedEvent) {
			w.mu.Lock()
			defer w.mu.Unlock()
			clear(w.hosts)
			for _, s := range e.NewDescription.Servers {
				w.hosts[s.Addr.String()] = s.Kind
			}
		},
		ServerHeartbeatFailed:    func(e *event.ServerHeartbeatFailedEvent) { w.note(e.ConnectionID, e.Failure) },
		ServerHeartbeatSucceeded: func(e *event.ServerHeartbeatSucceededEvent) { w.note(e.ConnectionID, nil) },
	}
}

// note keeps the result of a check. A connection's name is the host's address
// and a number in brackets.
func (w *watch) note(connection string, failure error) {
	host, _, _ := strings.Cut(connection, "[")
	w.mu.Lock()
	defer w.mu.Unlock()
	if failure == nil {
		delete(w.failing, host)
		return
	}
	w.failing[host] = failure
}

// hasPrimary reports whether a server that takes writes is known.
func (w *watch) hasPrimary() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, kind := range w.hosts {
		if kind == "RSPrimary" || kind == "Mongos" || kind == "Standalone" {
			return true
		}
	}
	return false
}

// String tells each host and what is wrong with it.
func (w *watch) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for host, kind := range w.hosts {
		switch failure := w.failing[host]; {
		case failure != nil:
			all = append(all, host+": "+cause(failure))
		case kind == "Unknown":
			all = append(all, host+": no answer yet")
		default:
			all = append(all, host+": "+kind)
		}
	}
	if len(all) == 0 {
		// The driver forgets whoever is not of the set that the URI names.
		return "none of the URI's hosts is a member of the replica set that it names"
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// cause returns the part of a failure that a person can act on.
func cause(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Error()
	}
	return err.Error()
}
