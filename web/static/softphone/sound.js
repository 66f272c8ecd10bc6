// Microphone, loudspeaker and level meter of the softphone.

const METER_EVERY_MS = 100;

export class Sound {
  /**
   * @param {boolean} processing echo and noise are taken out by the browser; a headset that does
   *   it by itself sounds better without
   * @param {(level: number) => void} onLevel loudness of the microphone, 0 to 1
   * @param {() => void} onChange another microphone is in use
   */
  constructor(processing, onLevel, onChange) {
    this.#processing = processing;
    this.#onLevel = onLevel;
    this.#onChange = onChange;
    this.#speaker.autoplay = true;
  }

  #processing;
  #onLevel;
  #onChange;
  #input = "";
  #output = "";
  #microphone = null;
  #speaker = new Audio();
  #meter = null;

  /** Open the microphone; it stays open until `close`, so that an answer need not wait for it. */
  async open(input = this.#input) {
    const on = this.#processing;
    const audio = { echoCancellation: on, noiseSuppression: on, autoGainControl: on };
    if (input) audio.deviceId = { exact: input };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    this.#release();
    this.#input = input;
    this.#microphone = stream;
    // Pulled out: whatever the browser takes for the usual microphone goes on.
    stream.getAudioTracks()[0].onended = () => this.open("").then(this.#onChange, () => {});
    this.#measure(stream);
    this.#onChange();
  }

  close() {
    this.#release();
    this.silence();
  }

  /** A copy of the microphone for one call: muting it leaves the meter alone. */
  branch() {
    return new MediaStream(this.#microphone.getAudioTracks().map((track) => track.clone()));
  }

  /** Let the other side be heard. */
  play(stream) {
    this.#speaker.srcObject = stream;
    this.#speaker.play().catch(() => {});
    this.#meter?.context.resume();
  }

  silence() {
    this.#speaker.srcObject = null;
  }

  /** Hear through this device from now on; an empty id is the usual one. */
  async output(id) {
    await this.#speaker.setSinkId?.(id);
    this.#output = id;
  }

  /** The ids of the devices in use. */
  get chosen() {
    const [track] = this.#microphone?.getAudioTracks() ?? [];
    return { input: track?.getSettings().deviceId ?? this.#input, output: this.#output };
  }

  #release() {
    clearInterval(this.#meter?.timer);
    this.#meter?.context.close();
    this.#meter = null;
    for (const track of this.#microphone?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#microphone = null;
    this.#onLevel(0);
  }

  #measure(stream) {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
      this.#onLevel(Math.min(1, Math.round(Math.sqrt(2 * power) * 100) / 100));
    }, METER_EVERY_MS);
    this.#meter = { context, timer };
  }
}

/** What can be chosen from; names are there once the microphone was allowed. */
export async function devices() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind) =>
    all
      .filter((each) => each.kind === kind)
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { inputs: of("audioinput"), outputs: of("audiooutput") };
}
