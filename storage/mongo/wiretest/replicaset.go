package wiretest

import (
	"encoding/binary"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// hello turns the server's answer into that of a member of the set.
func (p *Proxy) hello(m *member, body bson.Raw) bson.Raw {
	var doc bson.M
	if err := bson.Unmarshal(body, &doc); err != nil {
		panic(err) // readMessage has validated it
	}
	delete(doc, "compression")
	// Without it the driver polls, and takes every answer as the newest.
	delete(doc, "topologyVersion")
	if !p.opt.Standalone {
		p.asMember(m, doc)
	}
	if p.opt.Hello != nil {
		p.opt.Hello(doc)
	}
	return encode(doc)
}

func (p *Proxy) asMember(m *member, doc bson.M) {
	primary, term := p.state()
	is := m.index == primary
	doc["isWritablePrimary"], doc["ismaster"], doc["secondary"] = is, is, !is
	doc["setName"], doc["setVersion"], doc["hosts"], doc["me"] = setName, int32(1), p.hosts(), m.addr
	doc["logicalSessionTimeoutMinutes"] = int32(30)
	if primary != Nobody {
		doc["primary"] = p.members[primary].addr
	}
	if is {
		doc["electionId"] = electionID(term)
	}
	at := p.tick()
	doc["lastWrite"] = bson.D{{Key: "opTime", Value: bson.D{{Key: "ts", Value: at}, {Key: "t", Value: int64(term)}}},
		{Key: "lastWriteDate", Value: time.Now()}}
	doc["operationTime"], doc["$clusterTime"] = at, clusterTime(at)
}

// electionID is greater in each later term; its form is MongoDB's.
func electionID(term int) (id bson.ObjectID) {
	binary.BigEndian.PutUint32(id[:], 0x7FFF_FFFF)
	binary.BigEndian.PutUint64(id[4:], uint64(term))
	return id
}

// clusterTime is $clusterTime of a set without keys: the signature is zeros.
func clusterTime(at bson.Timestamp) bson.D {
	return bson.D{{Key: "clusterTime", Value: at}, {Key: "signature", Value: bson.D{
		{Key: "hash", Value: bson.Binary{Data: make([]byte, 20)}}, {Key: "keyId", Value: int64(0)}}}}
}

// config answers replSetGetConfig.
func (p *Proxy) config() bson.Raw {
	_, term := p.state()
	var members bson.A
	for i, host := range p.hosts() {
		members = append(members, bson.D{{Key: "_id", Value: int32(i)}, {Key: "host", Value: host},
			{Key: "arbiterOnly", Value: false}, {Key: "priority", Value: 1.0}, {Key: "votes", Value: int32(1)}})
	}
	return encode(bson.D{{Key: "config", Value: bson.D{
		{Key: "_id", Value: setName}, {Key: "version", Value: int32(1)}, {Key: "term", Value: int32(term)},
		{Key: "members", Value: members}, {Key: "protocolVersion", Value: int64(1)},
		{Key: "writeConcernMajorityJournalDefault", Value: !p.opt.NoJournalDefault},
	}}, {Key: "ok", Value: 1.0}})
}

// refusal returns the code with which a member refuses a command, 0 if it does
// not: who is not primary takes no writes, and reads only if they say that any
// member will do.
func (p *Proxy) refusal(m *member, c *Command) int {
	primary, _ := p.state()
	switch {
	case m.index == primary:
		return 0
	case isWrite(c):
		return CodeNotWritablePrimary
	case isRead(c) && c.Name != "getMore" && (c.ReadPreference == "" || c.ReadPreference == "primary"):
		return CodeNotPrimaryNoSecondaryOk
	}
	return 0
}

// plain takes from a command what a server without a replica set may not know:
// the cluster's time, and the time after which to read.
func plain(body bson.Raw) bson.Raw {
	_, err := body.LookupErr("$clusterTime")
	concern, hasConcern := body.Lookup("readConcern").DocumentOK()
	if err != nil && !hasConcern {
		return body
	}
	if !hasConcern {
		return without(body, "$clusterTime")
	}
	return with(without(body, "$clusterTime", "readConcern"),
		bson.E{Key: "readConcern", Value: without(concern, "afterClusterTime")})
}
