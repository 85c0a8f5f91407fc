{
  const script = document.currentScript;
  script.remove();
  if (self === top) {
    document.write("<plaintext hidden>");
    location.replace(
      script.dataset.shell + location.pathname + location.search +
        location.hash,
    );
  }
}
