let audio: AudioContext | null = null;

/** Two soft notes, a quarter of a second. Silent until somebody has touched the page: browsers ask for that. */
export function chime(): void {
  try {
    audio ??= new AudioContext();
    void audio.resume();
    [660, 880].forEach((pitch, n) => note(audio as AudioContext, pitch, n * 0.09));
  } catch {
    // Without sound there is none.
  }
}

function note(context: AudioContext, pitch: number, after: number): void {
  const begin = context.currentTime + after;
  const volume = new GainNode(context, { gain: 0 });
  const tone = new OscillatorNode(context, { frequency: pitch, type: 'sine' });
  volume.gain.linearRampToValueAtTime(0.12, begin + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.001, begin + 0.17);
  tone.connect(volume).connect(context.destination);
  tone.start(begin);
  tone.stop(begin + 0.18);
}
