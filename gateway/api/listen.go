package api

import "net"

// readSize is what is read from a connection at a time: a request with a usual
// document comes in one read instead of three.
const readSize = 8 << 10

// Buffered returns a listener whose connections are read in larger pieces than
// net/http asks for. Nothing else of them changes.
func Buffered(l net.Listener) net.Listener { return buffered{l} }

type buffered struct{ net.Listener }

// Accept waits for the next connection.
func (l buffered) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &bufferedConn{Conn: c}, nil
}

// bufferedConn is read by one goroutine at a time, as net/http does.
type bufferedConn struct {
	net.Conn
	buf  []byte // made when it is first needed
	rest []byte // of buf: read and not asked for yet
}

// Read returns what is there, else reads as much as fits.
func (c *bufferedConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		if len(p) >= readSize {
			return c.Conn.Read(p)
		}
		if c.buf == nil {
			c.buf = make([]byte, readSize)
		}
		n, err := c.Conn.Read(c.buf)
		if n == 0 {
			return 0, err
		}
		c.rest = c.buf[:n] // an error comes again with the next read
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
