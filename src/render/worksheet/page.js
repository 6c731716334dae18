"use strict";
(() => {
    const body = document.body;
    document.documentElement.classList.add("scripts");

    // What a box holds: its text, or the octets that a page cannot carry as text.
    const octets = (code) => (code.dataset.exact === undefined ? code.textContent : JSON.parse(code.dataset.exact));

    const select = (code) => {
        const range = document.createRange();
        range.selectNodeContents(code);
        const selection = getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
    };

    // A whole box that is selected by hand is copied as exactly as by its button. A selection leaves line feeds at the end out.
    document.addEventListener("copy", (event) => {
        const selection = getSelection();
        if (selection.rangeCount !== 1) {
            return;
        }
        const range = selection.getRangeAt(0);
        const within = range.commonAncestorContainer;
        const code = (within.nodeType === Node.ELEMENT_NODE ? within : within.parentElement).closest("code");
        if (code && range.toString().trimEnd() === code.textContent.trimEnd()) {
            event.clipboardData.setData("text/plain", octets(code));
            event.preventDefault();
        }
    });

    // Some browsers keep the clipboard from files: then the box is selected, and if need be a person goes on by hand.
    const copy = async (code) => {
        try {
            await navigator.clipboard.writeText(octets(code));
            return true;
        } catch {
            select(code);
            return document.execCommand("copy");
        }
    };

    const status = document.getElementById("status");
    const timers = new WeakMap();
    for (const button of document.querySelectorAll("button.copy")) {
        const code = button.parentElement.querySelector("code");
        const word = button.querySelector(".word");
        const before = word.textContent;
        button.addEventListener("click", async () => {
            const copied = await copy(code);
            // The same words twice are read out twice only if they went away in between.
            status.textContent = "";
            requestAnimationFrame(() => {
                status.textContent = copied ? body.dataset.copied : body.dataset.refused;
            });
            status.classList.toggle("unseen", copied);
            clearTimeout(timers.get(button));
            word.textContent = copied ? body.dataset.copied : before;
            button.classList.toggle("copied", copied);
            timers.set(button, setTimeout(() => {
                word.textContent = before;
                button.classList.remove("copied");
            }, 2000));
        });
    }

    const place = (box) => `zoneplan ${body.dataset.domain} ${box.dataset.tick}`;
    const cards = [...document.querySelectorAll(".card")].filter((card) => card.querySelector("[data-tick]"));
    const count = () => {
        let done = 0;
        for (const card of cards) {
            const all = [...card.querySelectorAll("[data-tick]")].every((box) => box.checked);
            card.classList.toggle("done", all);
            done += all ? 1 : 0;
        }
        document.getElementById("done").textContent = done;
        document.getElementById("all").textContent = cards.length;
        const progress = document.getElementById("progress");
        progress.max = Math.max(cards.length, 1);
        progress.value = done;
    };

    // Where nothing may be kept, ticks last as long as the page.
    for (const box of document.querySelectorAll("[data-tick]")) {
        try {
            box.checked = localStorage.getItem(place(box)) !== null;
        } catch {}
        box.addEventListener("change", () => {
            count();
            try {
                if (box.checked) {
                    localStorage.setItem(place(box), "1");
                } else {
                    localStorage.removeItem(place(box));
                }
            } catch {}
        });
    }
    count();

    document.getElementById("print").addEventListener("click", () => print());
})();
