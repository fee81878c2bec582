/*
 * html_scene.c - a launch as a sequence diagram, in SVG: a line for each who
 * has a part in it, an arrow for each thing that is done, the evidence marked.
 *
 * Colours come from the style sheet.  Who does not see it has the events of
 * the evidence as text, so the picture has a name and no more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "harness/report/html/html.h"
#include "harness/report/scene/scene.h"

/* Pixels: of the picture, alone and beside another; its head, a step; the columns
 * of the time. */
#define WIDTH 880
#define WIDTH_NARROW 540
#define HEAD 34
#define STEP 34
#define LEFT 76
/* Of a name at its head, half; between two who are side by side, at most: words
 * run on to the right, and a phone shows both of two. */
#define HALF_NAME 50
#define APART 200
#define CHAR_PX 6.7
/* Of a step's text; the whole stands in its title. */
#define TEXT_CHARS 96

static void attr_px(struct xml *x, const char *name, int px)
{
	char text[24];

	snprintf(text, sizeof(text), "%d", px);
	xml_attr(x, name, text);
}

static void put_line(struct xml *x, const char *cls, int x1, int y1, int x2,
		     int y2)
{
	xml_open(x, "line");
	xml_attr(x, "class", cls);
	attr_px(x, "x1", x1);
	attr_px(x, "y1", y1);
	attr_px(x, "x2", x2);
	attr_px(x, "y2", y2);
	xml_void(x);
}

static void put_text(struct xml *x, const char *cls, int at, int y,
		     const char *text)
{
	xml_open(x, "text");
	xml_attr(x, "class", cls);
	attr_px(x, "x", at);
	attr_px(x, "y", y);
	xml_text(x, text);
	xml_close(x);
}

struct picture {
	int width;
	int at[LANES]; /* where those stand that have a part in it */
};

static void arrange(const struct scene *sc, struct picture *p)
{
	int n = 0, at = LEFT + HALF_NAME, apart = APART;

	for (size_t i = 0; i < LANES; i++)
		n += sc->lane[i];
	if (n > 1 && (p->width - HALF_NAME - at) / (n - 1) < apart)
		apart = (p->width - HALF_NAME - at) / (n - 1);
	for (size_t i = 0; i < LANES; i++) {
		p->at[i] = at;
		at += sc->lane[i] ? apart : 0;
	}
}

/* The tip is two strokes: it needs no marker, whose name all would share. */
static void put_arrow(struct xml *x, int x1, int x2, int y, bool marked)
{
	const char *cls = marked ? "arrow hit" : "arrow";
	int back = x2 > x1 ? -7 : 7;

	if (x1 == x2) {
		xml_open(x, "circle");
		xml_attr(x, "class", marked ? "dot hit" : "dot");
		attr_px(x, "cx", x1);
		attr_px(x, "cy", y);
		xml_attr(x, "r", "4");
		xml_void(x);
		return;
	}
	put_line(x, cls, x1, y, x2, y);
	put_line(x, cls, x2 + back, y - 4, x2, y);
	put_line(x, cls, x2 + back, y + 4, x2, y);
}

/* Text as long as there is room to the right; what is marked begins at the
 * left if it needs that. */
static void put_words(struct xml *x, const struct picture *p,
		      const struct scene_step *s, int left, int y)
{
	char text[TEXT_CHARS + 8];
	int room = (int)((p->width - left) / CHAR_PX);
	int len = (int)strlen(s->text);

	if (room < len) {
		left = p->width - (int)(len * CHAR_PX);
		left = left < LEFT ? LEFT : left;
		room = (int)((p->width - left) / CHAR_PX);
	}
	room = room > TEXT_CHARS ? TEXT_CHARS : room;
	snprintf(text, sizeof(text), "%.*s%s", len > room ? room - 3 : room,
		 s->text, len > room ? "..." : "");
	put_text(x, s->marked ? "said hit" : "said", left, y, text);
}

static void put_step(struct xml *x, const struct scene_step *s,
		     const struct picture *p, int y)
{
	int x1 = p->at[s->from], x2 = p->at[s->to];
	char ms[32];

	xml_open(x, "g");
	if (s->text[0])
		xml_leaf(x, "title", NULL, s->text);
	if (s->marked) {
		xml_open(x, "rect");
		xml_attr(x, "class", "band");
		xml_attr(x, "x", "0");
		attr_px(x, "y", y - 22);
		attr_px(x, "width", p->width);
		attr_px(x, "height", STEP);
		xml_void(x);
	}
	snprintf(ms, sizeof(ms), "%" PRId64 " ms", s->ms);
	put_text(x, "when", 0, y + 4, ms);
	put_arrow(x, x1, x2, y, s->marked);
	put_words(x, p, s, (x1 < x2 ? x1 : x2) + 8, y - 7);
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_lanes(struct xml *x, const struct scene *sc,
		      const struct picture *p, int height)
{
	for (size_t i = 0; i < LANES; i++) {
		if (!sc->lane[i])
			continue;
		put_line(x, "lane", p->at[i], HEAD - 8, p->at[i], height);
		put_text(x, "who", p->at[i], 16, scene_lane_names[i]);
	}
	xml_raw(x, "\n");
}

void html_scene(struct xml *x, const struct scene *sc, const char *name,
		bool narrow)
{
	struct picture p = { .width = narrow ? WIDTH_NARROW : WIDTH };
	int y = HEAD + 20, height = HEAD + 8;
	char box[64], text[64];

	for (size_t i = 0; i < sc->n; i++)
		height += sc->steps[i].left_out ? 2 * STEP : STEP;
	arrange(sc, &p);
	snprintf(box, sizeof(box), "0 0 %d %d", p.width, height);
	xml_open(x, "div");
	xml_attr(x, "class", "scene");
	xml_attr(x, "tabindex", "0");
	xml_open(x, "svg");
	xml_attr(x, "viewBox", box);
	xml_attr(x, "role", "img");
	html_ref(x, "aria-label", "Time line of ", name);
	put_lanes(x, sc, &p, height);
	for (size_t i = 0; i < sc->n; i++, y += STEP) {
		size_t gap = sc->steps[i].left_out;

		if (gap) {
			snprintf(text, sizeof(text), "%zu more", gap);
			put_text(x, "when", LEFT, y, text);
			y += STEP;
		}
		put_step(x, &sc->steps[i], &p, y);
	}
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}
