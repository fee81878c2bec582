/* task.c - see task.h. */
#include "harness/worker/task.h"

#include "harness/case/late.h"
#include "parent/proto/ipc/settings.h"

void task_told(struct task *t, struct span args)
{
	const struct plan *p = t->plan;
	struct buf flat = BUF_MAX(SETTINGS_FLAT_MAX * 2);
	struct kv_list l;

	target_settings(p->transport, args, p->bound, &t->arena, &t->settings);
	t->told = true;
	if (p->late)
		t->steps = late_steps(p, &t->settings, &t->arena);
	l = (struct kv_list){
		arena_alloc(&t->arena, t->settings.n * sizeof(*l.v)),
		t->settings.n,
	};
	for (size_t i = 0; i < l.n; i++)
		l.v[i] = (struct kv){ t->settings.v[i].key,
				      t->settings.v[i].value };
	settings_flat(&flat, &l);
	if (l.n && !flat.full)
		rec(t, told, .settings = buf_span(&flat));
	buf_fini(&flat);
}
