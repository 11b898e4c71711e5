// Lists the boards.
const { boards } = await (await fetch("v1/boards")).json();
for (const board of boards) {
  const item = document.createElement("li");
  item.textContent = `${board.title}: ${board.scores}`;
  document.getElementById("boards").append(item);
}
