// The page's own words, in two languages. Numbers in {braces} are filled in.

const ENGLISH = {
  title: "Simulated Telegram", simulated: "Simulated: nobody here is real", controls: "Controls and login codes",
  chats: "Chats", search: "Search or @username", noChats: "No chats yet.",
  nothingFound: "Nothing found.", found: "Found", pick: "Choose a chat on the left, or look for a bot by its @username.",
  playing: "You play", switchPerson: "Switch person", whoAreYou: "Whom do you play?",
  findOrCreate: "Find or create", findHint: "Name, phone, @username or id",
  create: "Create {name}", newPerson: "New person", you: "you", back: "Back to chats", language: "Русский",
  message: "Message", write: "Write a message…", send: "Send", attach: "Attach", menu: "Menu", commands: "Commands",
  photoOrVideo: "Photo or video", file: "File", shareContact: "Share my contact", keyboard: "Keyboard of the bot",
  start: "Start", restart: "Restart", join: "Join", askToJoin: "Ask to join", joinAsked: "Your request waits for an administrator.",
  leave: "Leave", block: "Block bot", unblock: "Unblock", blocked: "You have blocked this bot.",
  cannotWrite: "You cannot write here.", onlyReading: "Only administrators write here.", more: "more", less: "less", copy: "Copy", copied: "Copied", reply: "Reply",
  edit: "Edit", remove: "Delete", removeTitle: "Delete this message?", removeText: "It disappears for everybody.",
  editing: "Editing", replyTo: "Reply to {name}", cancel: "Cancel", close: "Close", ok: "OK", messageMenu: "Actions",
  chatMenu: "More about this chat", edited: "edited", forwardedFrom: "Forwarded from", hiddenText: "Hidden text, tap to show",
  today: "Today", yesterday: "Yesterday", typing: "is typing…", sendingPhoto: "is sending a picture…", sendingFile: "is sending a file…",
  recording: "is recording…", bot: "bot", group: "group", supergroup: "group", channel: "channel", private: "person",
  members: "{n} members", subscribers: "{n} subscribers", unread: "{n} unread", photo: "Photo", video: "Video",
  audio: "Audio", voice: "Voice message", sticker: "Sticker", animation: "GIF", videoNote: "Video message", location: "Location",
  contact: "Contact", poll: "Poll", invoice: "Invoice", draft: "Draft:", deletedAccount: "Deleted account",
  download: "Download {name}", openPicture: "Open the picture", dropHere: "Drop files here", asFile: "Send as a file",
  caption: "Caption", sendFiles: "Send {n}", tooLarge: "{name} is larger than 50 MB.", empty: "{name} is empty.",
  contactTitle: "Share your phone number?", contactText: "{name} will see {phone}.", share: "Share",
  locationTitle: "Share a location?", locationText: "{name} will get a made-up location (Moscow, Red Square).",
  pay: "Pay {price}", payTitle: "Pay {price}?", payText: "Your balance is {balance}.", topUp: "Add 1000 Stars",
  notEnough: "Not enough Stars.", paying: "Waiting for the bot…", paid: "Paid", payFailed: "The payment was refused.",
  receipt: "{price} paid.", refunded: "{price} given back.", stars: "{n} ⭐",
  openAddress: "Open this link?", open: "Open", noSuch: "There is nobody called {name} here.", noSuchLink: "This link leads nowhere here.",
  notConnected: "The simulator does not answer. Trying again…", failed: "Could not send. Tap to try again.",
  noAnswer: "The bot did not answer.", botSilent: "No program plays this bot at the moment.", newMessages: "To the newest message", joined: "{who} joined",
  left: "{who} left", added: "{who} added {whom}", removed: "{who} removed {whom}", pinned: "{who} pinned a message",
  newTitle: "{who} changed the title to “{what}”", topicCreated: "Topic “{what}” was created", created: "{who} created the chat",
  serviceMessage: "Service message: {what}", whatCanThisBotDo: "What can this bot do?", notShown: "This page cannot show: {what}",
  appData: "Data of the Mini App were sent", openInTab: "Open in a tab", miniApp: "Mini App", sentAt: "sent at {time}",
  from: "from {name}", newFor: "{n} new for others", closed: "This person no longer exists.", inviteTitle: "Join “{name}”?",
  waiting: "Sending…", profile: "About", phone: "Phone", username: "Username", id: "Id", balance: "Balance", methods: "What is simulated",
  botButtons: "Buttons", quickReplies: "Keyboard of the bot", sharedNumber: "{name} shared a contact", attached: "Files to send",
  reactions: "Reactions", vote: "Vote", voters: "voted: {n}", botsHere: "Bots one can write to", newcomer: "newcomer", administrator: "administrator", english: "in English", arabic: "in Arabic",
};

const RUSSIAN = {
  title: "Имитация Telegram", simulated: "Имитация: настоящих людей здесь нет", controls: "Управление и коды входа",
  chats: "Чаты", search: "Поиск или @имя", noChats: "Чатов пока нет.",
  nothingFound: "Ничего не найдено.", found: "Найдено", pick: "Выберите чат слева или найдите бота по @имени.",
  playing: "Вы играете за", switchPerson: "Сменить человека", whoAreYou: "За кого вы играете?",
  findOrCreate: "Найти или создать", findHint: "Имя, телефон, @имя или id",
  create: "Создать: {name}", newPerson: "Новый человек", you: "вы", back: "К списку чатов", language: "English",
  message: "Сообщение", write: "Напишите сообщение…", send: "Отправить", attach: "Прикрепить", menu: "Меню", commands: "Команды",
  photoOrVideo: "Фото или видео", file: "Файл", shareContact: "Отправить мой контакт", keyboard: "Клавиатура бота",
  start: "Начать", restart: "Перезапустить", join: "Вступить", askToJoin: "Подать заявку", joinAsked: "Ваша заявка ждёт администратора.",
  leave: "Выйти", block: "Заблокировать бота", unblock: "Разблокировать", blocked: "Вы заблокировали этого бота.",
  cannotWrite: "Здесь вы не можете писать.", onlyReading: "Здесь пишут только администраторы.", more: "ещё", less: "свернуть", copy: "Копировать", copied: "Скопировано", reply: "Ответить",
  edit: "Изменить", remove: "Удалить", removeTitle: "Удалить сообщение?", removeText: "Оно исчезнет у всех.",
  editing: "Изменение", replyTo: "Ответ: {name}", cancel: "Отмена", close: "Закрыть", ok: "Понятно", messageMenu: "Действия",
  chatMenu: "Подробнее о чате", edited: "изменено", forwardedFrom: "Переслано от", hiddenText: "Скрытый текст, нажмите, чтобы показать",
  today: "Сегодня", yesterday: "Вчера", typing: "печатает…", sendingPhoto: "отправляет фото…", sendingFile: "отправляет файл…",
  recording: "записывает…", bot: "бот", group: "группа", supergroup: "группа", channel: "канал", private: "человек",
  members: "участников: {n}", subscribers: "подписчиков: {n}", unread: "непрочитанных: {n}", photo: "Фото", video: "Видео",
  audio: "Аудио", voice: "Голосовое сообщение", sticker: "Стикер", animation: "GIF", videoNote: "Видеосообщение", location: "Место",
  contact: "Контакт", poll: "Опрос", invoice: "Счёт", draft: "Черновик:", deletedAccount: "Удалённый аккаунт",
  download: "Скачать {name}", openPicture: "Открыть картинку", dropHere: "Перетащите файлы сюда", asFile: "Отправить файлом",
  caption: "Подпись", sendFiles: "Отправить: {n}", tooLarge: "{name} больше 50 МБ.", empty: "{name}: файл пуст.",
  contactTitle: "Отправить номер телефона?", contactText: "{name} увидит {phone}.", share: "Отправить",
  locationTitle: "Отправить место?", locationText: "{name} получит выдуманное место (Москва, Красная площадь).",
  pay: "Заплатить {price}", payTitle: "Заплатить {price}?", payText: "Ваш баланс: {balance}.", topUp: "Добавить 1000 звёзд",
  notEnough: "Не хватает звёзд.", paying: "Ждём бота…", paid: "Оплачено", payFailed: "В оплате отказано.",
  receipt: "Оплачено: {price}.", refunded: "Возвращено: {price}.", stars: "{n} ⭐",
  openAddress: "Открыть ссылку?", open: "Открыть", noSuch: "Здесь нет никого с именем {name}.", noSuchLink: "Эта ссылка здесь никуда не ведёт.",
  notConnected: "Имитация не отвечает. Пробуем снова…", failed: "Не отправлено. Нажмите, чтобы повторить.",
  noAnswer: "Бот не ответил.", botSilent: "Сейчас этим ботом не управляет ни одна программа.", newMessages: "К последнему сообщению", joined: "{who}: вступление в чат",
  left: "{who}: выход из чата", added: "{who} приглашает {whom}", removed: "{who} удаляет {whom}", pinned: "{who}: сообщение закреплено",
  newTitle: "{who}: новое название «{what}»", topicCreated: "Создана тема «{what}»", created: "{who}: чат создан",
  serviceMessage: "Служебное сообщение: {what}", whatCanThisBotDo: "Что умеет этот бот?", notShown: "Эта страница не умеет показывать: {what}",
  appData: "Данные мини-приложения отправлены", openInTab: "Открыть во вкладке", miniApp: "Мини-приложение", sentAt: "отправлено в {time}",
  from: "от {name}", newFor: "новых у других: {n}", closed: "Этого человека больше нет.", inviteTitle: "Вступить в «{name}»?",
  waiting: "Отправляется…", profile: "Сведения", phone: "Телефон", username: "Имя", id: "Id", balance: "Баланс", methods: "Что имитируется",
  botButtons: "Кнопки", quickReplies: "Клавиатура бота", sharedNumber: "{name}: контакт отправлен", attached: "Файлы к отправке",
  reactions: "Реакции", vote: "Голосовать", voters: "проголосовали: {n}", botsHere: "Боты, которым можно написать", newcomer: "новичок", administrator: "администратор", english: "по-английски", arabic: "по-арабски",
};

const KEPT = "play-language";
let language = read() ?? (navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en");

function read() {
  const kept = localStorage.getItem(KEPT);
  return kept === "ru" || kept === "en" ? kept : null;
}

export const current = () => language;
export const plain = { ENGLISH, RUSSIAN };

export function choose(wanted) {
  language = wanted;
  localStorage.setItem(KEPT, wanted);
}

/** The words called `key`, with {places} filled in. */
export function t(key, places = {}) {
  const words = (language === "ru" ? RUSSIAN : ENGLISH)[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, place) => String(places[place] ?? ""));
}

const locale = () => (language === "ru" ? "ru-RU" : "en-GB");
export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
export const moment = (seconds) => new Date(seconds * 1000).toLocaleString(locale(), { dateStyle: "long", timeStyle: "medium" });
export const count = (number) => number.toLocaleString(locale());

/** "Today", "Yesterday", or the date. */
export function day(seconds) {
  const then = new Date(seconds * 1000);
  const now = new Date();
  if (then.toDateString() === now.toDateString()) return t("today");
  now.setDate(now.getDate() - 1);
  if (then.toDateString() === now.toDateString()) return t("yesterday");
  const year = then.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return then.toLocaleDateString(locale(), { day: "numeric", month: "long", year });
}

/** For the list of chats: the time of today, else a short date. */
export function brief(seconds) {
  const then = new Date(seconds * 1000);
  if (then.toDateString() === new Date().toDateString()) return clock(seconds);
  return then.toLocaleDateString(locale(), { day: "2-digit", month: "2-digit", year: "2-digit" });
}

export function size(bytes) {
  const units = language === "ru" ? ["Б", "КБ", "МБ"] : ["B", "KB", "MB"];
  const step = bytes < 1024 ? 0 : bytes < 1024 * 1024 ? 1 : 2;
  const amount = bytes / 1024 ** step;
  return `${amount.toLocaleString(locale(), { maximumFractionDigits: step && amount < 10 ? 1 : 0 })} ${units[step]}`;
}

/** "79000000001" → "+7 900 000-00-01" */
export const phone = (digits) => "+" + String(digits).replace(/^\+/, "").replace(/^7(\d{3})(\d{3})(\d{2})(\d{2})$/, "7 $1 $2-$3-$4");

export const price = (amount, currency) =>
  currency === "XTR" ? t("stars", { n: count(amount) }) : (amount / 100).toLocaleString(locale(), { style: "currency", currency });
