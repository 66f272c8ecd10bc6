// Runs in every page before its own code: listens to what a page gets over WebRTC, so that a test
// can say how loud a tone is there (Goertzel) and when it began.
(() => {
  const Native = window.RTCPeerConnection;
  const ears = [];
  window.hearing = {
    peers: [],
    /** Loudness of a tone in the last `count` samples of the newest call, 0 to 1. */
    level(hz, count = 8192) {
      const ear = ears.at(-1);
      return ear ? goertzel(ear.samples.slice(-count), hz, ear.context.sampleRate) : 0;
    },
    /** When the newest call first held this tone (ms since the epoch); 0: not yet. */
    began(hz, least) {
      const ear = ears.at(-1);
      return ear?.began(hz, least) ?? 0;
    },
    /** What the newest call sent and got, and by which way. */
    async packets() {
      const peer = window.hearing.peers.at(-1);
      if (!peer) return "no call";
      const told = [`${peer.connectionState} ${peer.iceConnectionState}`];
      for (const each of (await peer.getStats()).values()) {
        if (each.type === "inbound-rtp") told.push(`in ${each.packetsReceived}`);
        if (each.type === "outbound-rtp") told.push(`out ${each.packetsSent}`);
        if (each.type === "local-candidate") told.push(`at ${each.address}`);
        if (each.type === "transport") told.push(`DTLS ${each.dtlsState} as ${each.dtlsRole}`);
      }
      return told.join(", ");
    },
    forget() {
      for (const ear of ears.splice(0)) ear.context.close();
      window.hearing.peers = window.hearing.peers.filter((p) => p.connectionState !== "closed");
    },
  };

  // A tone is taken for noise by a browser that improves voices.
  const media = navigator.mediaDevices;
  const open = media?.getUserMedia.bind(media);
  const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  if (media) media.getUserMedia = ({ audio }) => open({ audio: { ...audio, ...raw } });

  function goertzel(samples, hz, rate) {
    const step = 2 * Math.cos((2 * Math.PI * hz) / rate);
    let before = 0;
    let last = 0;
    for (const sample of samples) [before, last] = [last, sample + step * last - before];
    const power = before * before + last * last - step * before * last;
    return (2 * Math.sqrt(Math.max(0, power))) / Math.max(1, samples.length);
  }

  class Ear {
    constructor(stream) {
      this.context = new AudioContext();
      this.samples = [];
      this.blocks = [];
      const source = this.context.createMediaStreamSource(stream);
      const tap = this.context.createScriptProcessor(256, 1, 1);
      tap.onaudioprocess = ({ inputBuffer }) => {
        const block = inputBuffer.getChannelData(0).slice();
        const at = performance.timeOrigin + performance.now();
        this.samples.push(...block);
        if (this.samples.length > 48000) this.samples.splice(0, this.samples.length - 48000);
        this.blocks.push({ at, block });
        if (this.blocks.length > 2000) this.blocks.shift();
      };
      source.connect(tap);
      tap.connect(this.context.destination);
    }

    began(hz, least) {
      // Four blocks are some 21 ms.
      for (let i = 0; i + 4 <= this.blocks.length; i++) {
        const part = this.blocks.slice(i, i + 4);
        const samples = part.flatMap(({ block }) => [...block]);
        if (goertzel(samples, hz, this.context.sampleRate) >= least) return part[3].at;
      }
      return 0;
    }
  }

  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      window.hearing.peers.push(this);
      this.addEventListener("track", ({ track, streams }) => {
        if (track.kind === "audio") ears.push(new Ear(streams[0] ?? new MediaStream([track])));
      });
    }
  };
})();
