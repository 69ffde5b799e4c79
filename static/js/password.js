// Shows while one types which clauses of the password rule are kept. A clause without a pattern is the server's to judge.
for (const rules of document.querySelectorAll("[data-password-rules]")) {
  const input = document.getElementById(rules.dataset.passwordRules);
  const clauses = [...rules.querySelectorAll("[data-pattern]")]
    .map((line) => ({ line, kept: new RegExp(line.dataset.pattern, "su") }));
  const show = () => clauses.forEach(({ line, kept }) => line.toggleAttribute("data-met", kept.test(input.value)));
  input?.addEventListener("input", show);
  if (input) show();
}
