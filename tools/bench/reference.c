/* The practical limit of the planner's speed: two fixed cases, written for them alone.
 *
 * Built by tools/bench/planner_limit.py with gcc -O2 as a shared library. Chance is drawn
 * beforehand, as for every engine; each function fills wait[] and who[] (-1: gave up).
 */
#include <math.h>
#include <stdlib.h>

typedef struct {
    double at;
    long call;
} End;

static inline int earlier(End a, End b) {
    return a.at < b.at || (a.at == b.at && a.call < b.call);
}

static inline void sink(End *heap, int size, End end) {
    int at = 0, below;
    while ((below = 2 * at + 1) < size) {
        if (below + 1 < size && earlier(heap[below + 1], heap[below])) below++;
        if (earlier(end, heap[below])) break;
        heap[at] = heap[below];
        at = below;
    }
    heap[at] = end;
}

static inline void rise(End *heap, int at, End end) {
    while (at > 0 && earlier(end, heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = end;
}

/* One line, one pool, nobody gives up: who is free first takes the next call. */
void bench_a(long n, const double *came, const double *talk, int agents, double *wait, int *who) {
    End *heap = malloc(agents * sizeof *heap);
    for (int agent = 0; agent < agents; agent++) heap[agent] = (End){0.0, agent - agents};
    for (long call = 0; call < n; call++) {
        double start = heap[0].at > came[call] ? heap[0].at : came[call];
        who[call] = heap[0].call < 0 ? (int)(heap[0].call + agents) : who[heap[0].call];
        wait[call] = start - came[call];
        sink(heap, agents, (End){start + talk[call], call});
    }
    free(heap);
}

/* Two skills; groups 0 and 1 have one each, group 2 both and is asked last; patience; an operator
 * who frees takes the longest wait of those he can serve. */
void bench_b(long n, const double *came, const short *skill, const double *talk,
             const double *patience, const int *agents, double *wait, int *who) {
    int total = agents[0] + agents[1] + agents[2], size = 0;
    int first[3], last[3], *next = malloc(total * sizeof *next), *group = malloc(total * sizeof *group);
    long *line[2] = {malloc(n * sizeof(long)), malloc(n * sizeof(long))}, head[2] = {0, 0}, tail[2] = {0, 0};
    End *heap = malloc(total * sizeof *heap);
    for (int g = 0, agent = 0; g < 3; g++) {
        first[g] = agents[g] ? agent : -1;
        for (int k = 0; k < agents[g]; k++, agent++) {
            group[agent] = g;
            next[agent] = k + 1 < agents[g] ? agent + 1 : -1;
            last[g] = agent;
        }
    }
    for (long call = 0; call < n || size;) {
        if (call < n && (!size || came[call] < heap[0].at)) {
            int of = skill[call], g = first[of] >= 0 ? of : 2, agent = first[g];
            who[call] = -1;
            wait[call] = patience[call];
            if (agent >= 0) {
                first[g] = next[agent];
                who[call] = agent;
                wait[call] = 0.0;
                rise(heap, size++, (End){came[call] + talk[call], call});
            } else {
                line[of][tail[of]++] = call;
            }
            call++;
            continue;
        }
        double now = heap[0].at;
        int agent = who[heap[0].call], g = group[agent], take = -1;
        double longest = INFINITY;
        for (int of = g == 1; of <= (g != 0); of++) {
            while (head[of] < tail[of]) {
                long waiting = line[of][head[of]];
                if (came[waiting] + patience[waiting] >= now) break;
                head[of]++;
            }
            if (head[of] < tail[of] && came[line[of][head[of]]] < longest) {
                longest = came[line[of][head[of]]];
                take = of;
            }
        }
        if (take >= 0) {
            long waiting = line[take][head[take]++];
            who[waiting] = agent;
            wait[waiting] = now - came[waiting];
            sink(heap, size, (End){now + talk[waiting], waiting});
        } else {
            size--;
            if (size) sink(heap, size, heap[size]);
            next[agent] = -1;
            if (first[g] < 0) first[g] = agent;
            else next[last[g]] = agent;
            last[g] = agent;
        }
    }
    free(next), free(group), free(line[0]), free(line[1]), free(heap);
}
