// SPDX-License-Identifier: Apache-2.0
/* Global data of every kind and type. Programs return what their variables add up to. */
#include "test_helpers.h"

struct point {
	int x;
	int y;
};

struct shape {
	char name[8];
	struct point corners[3];
	__u64 area;
};

enum colour { RED = 1, GREEN = 2, BLUE = 40 };

bool a_truth = true;
char a_character = 'c';
__u8 a_byte = 200;
__s8 a_signed_byte = -5;
__u16 a_half = 65000;
__s16 a_signed_half = -300;
__u32 a_word = 4000000000u;
int a_signed_word = -7;
__u64 a_long = 0x123456789abcdef0ULL;
__s64 a_signed_long = -0x123456789LL;
enum colour a_colour = BLUE;
struct point a_point = { 3, 4 };
struct shape a_shape = { "square", { { 1, 2 }, { 3, 4 }, { 5, 6 } }, 99 };
int an_array[5] = { 10, 20, 30, 40, 50 };
char a_text[] = "text";
static int hidden_number = 17;
static volatile int unknown_to_compiler = 12;

int zeroed;
__u64 zeroed_long;
struct shape zeroed_shape;
char zeroed_array[100];
static volatile __u32 hidden_zeroed;
__hidden int hidden_symbol;

const volatile int a_constant = 5;
const volatile __u64 a_long_constant = 6000000000ULL;
const volatile bool a_true_constant = true;
const volatile char a_constant_text[12] = "constant";
const volatile struct point a_constant_point = { -1, 100 };
const volatile int zero_constant;
static const volatile int hidden_constant = 8;

int own_data SEC(".data.own") = 21;
int more_own_data SEC(".data.own") = 22;
const volatile int own_constant SEC(".rodata.own") = 23;
int own_zeroed SEC(".bss.own");
__u64 other_data SEC(".data.other") = 24;

SEC("tc")
int sum_data(void *ctx)
{
	return a_truth + a_character + a_byte + a_signed_byte + a_half + a_signed_half + a_signed_word + a_colour +
	       a_point.x + a_point.y;
}

/* 1 if the wide ones hold what they should. */
SEC("tc")
int wide_data(void *ctx)
{
	return a_word == 4000000000u && a_long == 0x123456789abcdef0ULL && a_signed_long == -0x123456789LL;
}

SEC("tc")
int parts_of_data(void *ctx)
{
	return a_shape.name[2] + a_shape.corners[1].y + a_shape.corners[2].x + a_shape.area + an_array[4] +
	       an_array[1] + a_text[1];
}

SEC("tc")
int hidden_data(void *ctx)
{
	hidden_number += 0;
	return hidden_number + unknown_to_compiler + hidden_constant;
}

SEC("tc")
int write_zeroed(void *ctx)
{
	zeroed = 1;
	zeroed_long = 2;
	zeroed_shape.corners[1].x = 3;
	zeroed_shape.area = 4;
	zeroed_array[99] = 5;
	hidden_zeroed = 6;
	hidden_symbol = 7;
	return zeroed + zeroed_long + zeroed_shape.corners[1].x + zeroed_shape.area + zeroed_array[99] +
	       hidden_zeroed + hidden_symbol;
}

SEC("tc")
int sum_constants(void *ctx)
{
	return a_constant + (a_long_constant == 6000000000ULL) + a_true_constant + a_constant_text[7] +
	       a_constant_point.x + a_constant_point.y + zero_constant;
}

SEC("tc")
int own_sections(void *ctx)
{
	own_zeroed = 25;
	return own_data + more_own_data + own_constant + own_zeroed + other_data;
}

/* An index that the compiler cannot know: the address is taken, and the offset added to it. */
SEC("tc")
int index_data(void *ctx)
{
	int sum = 0;

	for (__u32 at = 0; at < 5; at++) {
		__u32 place = (at + unknown_to_compiler) & 3;

		sum += an_array[place];
	}
	return sum;
}

/* String literals go to .rodata.str*, which the compiler makes. */
SEC("tc")
int text_literal(void *ctx)
{
	const char *text = zero_constant ? "one" : "two";

	return text[0];
}

LICENSED;
