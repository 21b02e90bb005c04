// SPDX-License-Identifier: Apache-2.0
/*
 * A process that does what it is told on standard input, a line each, and answers each line with a JSON object
 * on standard error: what it did in terms of system calls since the line before, counted by itself. It makes
 * no other calls of the watched kinds.
 */
#include "files.h"
#include "threads.h"
#include "names.h"
#include "ends.h"
#include "unusual.h"
#include "writes.h"

/* calls: each kind of success and failure that takes no waiting. */
static void calls(void)
{
	int zero = sure(open("/dev/zero", O_RDONLY | O_CLOEXEC), "open /dev/zero");
	int null = sure(open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null");
	int folder = sure(open("/", O_RDONLY | O_CLOEXEC), "open /");
	char buffer[4096];
	int pipe[2];

	sure(pipe2(pipe, O_CLOEXEC | O_NONBLOCK), "make a pipe");
	for (int size = 0; size <= 4096; size += 64) {
		do_read(zero, buffer, size);
		do_pread(zero, buffer, size, 0);
	}
	do_read(null, buffer, 1); /* at the end */
	do_read(-1, buffer, 1); /* EBADF */
	do_read(pipe[0], buffer, 1); /* EAGAIN */
	do_read(folder, buffer, 1); /* EISDIR */
	do_read(zero, (void *)1, 1); /* EFAULT */
	do_pread(-1, buffer, 1, 0); /* EBADF */
	do_pread(zero, buffer, 1, -1); /* EINVAL */
	do_pread(pipe[0], buffer, 1, 0); /* ESPIPE */
	/* Neighbours that are none of these calls. */
	unwatched_read(zero, buffer, 1);
	preadv(zero, &(struct iovec){ buffer, 1 }, 1, 0);
	sure(write(pipe[1], "x", 1), "write to a pipe");
	unwatched_read(pipe[0], buffer, 1);
	close(zero);
	close(null);
	close(folder);
	close(pipe[0]);
	close(pipe[1]);
}

/* fadvise FILE: each advice as often as its number says and once more, then calls that fail. */
static void fadvise(const char *path)
{
	int fd = open_file(path, O_RDONLY);
	int pipe[2];

	for (int advice = 0; advice < ADVICE_KINDS - 1; advice++)
		for (int i = 0; i <= advice; i++)
			do_fadvise(fd, advice);
	do_fadvise(fd, 6); /* EINVAL, as are the next three */
	do_fadvise(fd, 7);
	do_fadvise(fd, 4711);
	do_fadvise(fd, -1);
	do_fadvise(-1, POSIX_FADV_WILLNEED); /* EBADF */
	sure(pipe2(pipe, O_CLOEXEC), "make a pipe");
	do_fadvise(pipe[0], POSIX_FADV_NORMAL); /* ESPIPE */
	close(pipe[0]);
	close(pipe[1]);
	close(fd);
}

static struct reader blocked;

/* block: from now on a thread sleeps in read(2). */
static void block(void)
{
	blocked = (struct reader){ .repeats = 3 };
	start_reader(&blocked);
	await_reader(&blocked);
}

/* release: the thread goes on, and makes more calls. */
static void release(void)
{
	release_reader(&blocked);
	end_reader(&blocked);
}

static void start_obeying(void);

/* leave: the main thread ends, and another goes on. */
static void leave(void)
{
	start_obeying();
	end_thread(0);
}

static void obey(char *line)
{
	char *words[5] = { "", "", "", "", "" };
	long numbers[5];
	int length = 0;

	for (char *word = strtok(line, " "); word && length < 5; word = strtok(NULL, " "))
		words[length++] = word;
	for (int i = 0; i < 5; i++)
		numbers[i] = atol(words[i]);
#define COMMAND(name, ...) \
	if (!strcmp(words[0], #name)) \
		return name(__VA_ARGS__)
	COMMAND(calls);
	COMMAND(fadvise, words[1]);
	COMMAND(block);
	COMMAND(release);
	COMMAND(interrupt, numbers[1]);
	COMMAND(restart, numbers[1]);
	COMMAND(cut, numbers[1], words[2]);
	COMMAND(crowd, numbers[1], numbers[2]);
	COMMAND(delay, numbers[1], numbers[2]);
	COMMAND(slow, numbers[1]);
	COMMAND(storm, numbers[1], numbers[2], numbers[3]);
	COMMAND(create, words[1], numbers[2]);
	COMMAND(cached, words[1]);
	COMMAND(evict, words[1]);
	COMMAND(pagewise, words[1]);
	COMMAND(sequential, words[1]);
	COMMAND(overwrite, words[1]);
	COMMAND(fault, words[1]);
	COMMAND(dontneed, words[1]);
	COMMAND(empty, words[1]);
	COMMAND(pressure, words[1], words[2]);
	COMMAND(rename_process, words[1]);
	COMMAND(thread, words[1], numbers[2]);
	COMMAND(lives, words[1], words[2], numbers[3], numbers[4]);
	COMMAND(end, words[1], numbers[2], words[3], numbers[4]);
	COMMAND(compat, numbers[1]);
	COMMAND(leave);
	COMMAND(thread_in, words[1], numbers[2]);
	COMMAND(again, numbers[1]);
	COMMAND(writes, words[1], numbers[2]);
	COMMAND(compat_writes, words[1], numbers[2]);
	COMMAND(timed_writes, words[1], numbers[2]);
	COMMAND(write_storm, words[1], numbers[2], numbers[3]);
	COMMAND(dirty, words[1], numbers[2]);
	errno = EINVAL;
	die(words[0]);
}

static void reply(void)
{
	say(",\"read\":[%ld,%ld,%ld]", counts->read.calls, counts->read.bytes, counts->read.errors);
	say(",\"pread\":[%ld,%ld,%ld]", counts->pread.calls, counts->pread.bytes, counts->pread.errors);
	say(",\"again\":%ld", counts->again);
	say(",\"fadvise\":[%ld,%ld]", counts->fadvise_calls, counts->fadvise_success);
	say(",\"advice\":[");
	for (int i = 0; i < ADVICE_KINDS; i++)
		say("%s%ld", i ? "," : "", counts->fadvise_advice[i]);
	say("],\"writes\":[%ld,%ld,%ld]", counts->writes.calls, counts->writes.bytes, counts->writes.errors);
	say(",\"syncs\":[");
	for (int i = 0; i < 3; i++)
		say("%s[%ld,%ld]", i ? "," : "", counts->syncs[i].calls, counts->syncs[i].errors);
	say("]}\n");
	/* The first comma belongs to nothing. */
	answer[0] = '{';
	sure(write(STDERR_FILENO, answer, answer_length), "answer");
	answer_length = 0;
	memset(counts, 0, sizeof(*counts));
}

static void obey_lines(void)
{
	static char line[4096];
	long length = 0, got;

	while ((got = unwatched_read(STDIN_FILENO, line + length, sizeof(line) - length)) > 0) {
		length += got;
		if (line[length - 1] != '\n')
			continue;
		line[length - 1] = 0;
		length = 0;
		obey(line);
		reply();
	}
}

/* Answers once the main thread has ended, and then goes on in its place. */
static void *obey_alone(void *unused)
{
	(void)unused;
	await_main_thread();
	reply();
	obey_lines();
	_exit(0);
}

static void start_obeying(void)
{
	pthread_t thread;

	start_thread(&thread, new_stacks(1), obey_alone, NULL);
}

int main(int count, char **arguments)
{
	if (count > 1)
		return atoi(arguments[1]);
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		die("get shared memory");
	obey_lines();
	return 0;
}
