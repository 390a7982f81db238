package signing

import "sync"

// cache remembers at most twice limit entries: when the young half is full it
// becomes the old one, and what is still asked for moves back. It is safe for
// concurrent use.
type cache[K comparable, V any] struct {
	limit int

	mu         sync.Mutex
	young, old map[K]V // guarded by mu
}

func newCache[K comparable, V any](limit int) *cache[K, V] {
	return &cache[K, V]{limit: limit, young: make(map[K]V)}
}

// get returns what was put under a key. A nil cache is empty.
func (c *cache[K, V]) get(key K) (V, bool) {
	if c == nil {
		var none V
		return none, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.young[key]
	if ok {
		return v, true
	}
	if v, ok = c.old[key]; ok {
		c.store(key, v)
	}
	return v, ok
}

// put remembers a value. A nil cache forgets it.
func (c *cache[K, V]) put(key K, v V) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.store(key, v)
}

// store needs mu held.
func (c *cache[K, V]) store(key K, v V) {
	if len(c.young) >= c.limit {
		c.old, c.young = c.young, make(map[K]V, c.limit)
	}
	c.young[key] = v
}
