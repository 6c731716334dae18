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

    // The old way, for browsers that keep the clipboard from files: the box is selected, so that a person can go on by hand.
    const copySelected = (code, text) => {
        let handed = false;
        const hand = (event) => {
            event.clipboardData.setData("text/plain", text);
            event.preventDefault();
            handed = true;
        };
        select(code);
        document.addEventListener("copy", hand);
        try {
            return document.execCommand("copy") && handed;
        } catch {
            return false;
        } finally {
            document.removeEventListener("copy", hand);
        }
    };

    const copy = async (code) => {
        const text = octets(code);
        try {
            await navigator.clipboard.writeText(text);
            return true;
        } catch {
            return copySelected(code, text);
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
