/** The milliseconds of processor time that the work takes: unlike those of a clock, a busy machine does not add to them. */
export function cpuMs(work: () => void): number {
	const before = process.threadCpuUsage();
	work();
	const { user, system } = process.threadCpuUsage(before);
	return (user + system) / 1_000;
}
