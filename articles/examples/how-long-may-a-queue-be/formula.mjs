// node formula.mjs [THREADS MS-OF-WORK REQUESTS-PER-SECOND DEADLINE-MS]: the queue M/M/c/K, in which the times between arrivals and the
// lengths of work are exponential. For each number of slots: how many of a thousand requests are refused, in time and too late, and the
// mean wait. Without figures it does the article's pool, and one with longer work that is as fast.

/** Returns the probability that so many exponential stages of `speed` each, and then work of `rate`, are over within `time`. */
function inTime(stages, speed, rate, time) {
  if (stages === 0) return 1 - Math.exp(-rate * time);
  // The density of the sum of the stages (Erlang), integrated against the probability that the work fits into what is left.
  const steps = 2000;
  const h = time / steps;
  let sum = 0;
  for (let i = 1; i < steps; i++) {
    const t = i * h;
    let log = stages * Math.log(speed) + (stages - 1) * Math.log(t) - speed * t;
    for (let k = 2; k < stages; k++) log -= Math.log(k);
    sum += Math.exp(log) * (1 - Math.exp(-rate * (time - t))) * h;
  }
  return sum;
}

/** Returns the probability of each number of requests in the system. The load is the number of threads that would be busy. */
function states(threads, slots, load) {
  const weights = [1];
  for (let n = 1; n <= threads + slots; n++) weights.push((weights[n - 1] * load) / Math.min(n, threads));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

function print(threads, work, perSecond, deadline) {
  const rate = 1 / work; // of one thread, per millisecond
  console.log(`${threads} threads, ${work} ms of work, ${perSecond} requests a second, deadline ${deadline} ms`);
  console.log("of a thousand requests    refused  in time  too late   mean wait");
  for (const slots of [1, 5, 10, 20, 34, 48, 96, 200, 400]) {
    const probability = states(threads, slots, perSecond / 1000 / rate);
    const refused = probability.at(-1);
    let good = 0;
    let queued = 0;
    for (let n = 0; n < threads + slots; n++) {
      const stages = Math.max(0, n - threads + 1); // departures to wait for
      good += probability[n] * inTime(stages, threads * rate, rate, deadline);
      queued += probability[n] * stages;
    }
    const wait = queued / (threads * rate) / (1 - refused);
    const thousands = [refused, good, 1 - refused - good].map((share) => (share * 1000).toFixed(0).padStart(9));
    console.log(`  ${String(slots).padStart(4)} slots             ${thousands.join("")}   ${wait.toFixed(0).padStart(6)} ms`);
  }
}

const figures = process.argv.slice(2).map(Number);
for (const pool of figures.length === 4 ? [figures] : [[4, 20, 240, 500], [32, 160, 240, 500]]) print(...pool);
